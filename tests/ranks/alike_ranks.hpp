#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "ranks/communicator.hpp"

namespace retime::test {

/// A rank in a test that has no others: they seem to say what this one says.
class AlikeRanks final : public RankTransport {
 public:
  AlikeRanks(int rank, int size) {
    place_.rank = rank;
    place_.size = size;
    place_.host = "here";
  }

  const RankPlace& place() const noexcept override { return place_; }
  void barrier() const override {}
  void all_reduce(void*, std::size_t, RankNumberType, Reduction reduction) const override {
    if (reduction == Reduction::kSum) throw std::logic_error("alike ranks have no sums");
  }
  void broadcast(void*, std::size_t, RankNumberType, int) const override {}
  void all_gather(const void*, void*, RankNumberType) const override {
    throw std::logic_error("alike ranks gather texts only");
  }
  std::vector<std::string> all_gather(const std::string& text) const override {
    return std::vector<std::string>(static_cast<std::size_t>(place_.size), text);
  }
  std::vector<std::string> gather(const std::string& text, int) const override { return all_gather(text); }
  std::unique_ptr<ByteChannel> open_channel(std::size_t) const override {
    throw std::logic_error("alike ranks have no channel");
  }

 private:
  RankPlace place_;
};

inline Communicator alike_rank(int rank, int size) { return Communicator(std::make_shared<AlikeRanks>(rank, size)); }

}  // namespace retime::test
