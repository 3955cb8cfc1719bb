#include "ranks/communicator.hpp"

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <utility>

#include "core/activity.hpp"
#include "core/process.hpp"

namespace retime {
namespace {

std::size_t bytes_of(RankNumberType type) {
  switch (type) {
    case RankNumberType::kInt8:
    case RankNumberType::kUint8:
      return 1;
    case RankNumberType::kInt64:
    case RankNumberType::kUint64:
    case RankNumberType::kDouble:
      return 8;
    default:
      return 4;
  }
}

}  // namespace

Communicator::Communicator() : place_(std::make_shared<RankPlace>(RankPlace{.host = host_name()})) {}

// The place lives as long as the transport that holds it.
Communicator::Communicator(std::shared_ptr<const RankTransport> transport)
    : transport_(std::move(transport)), place_(transport_, &transport_->place()) {}

void Communicator::barrier() const {
  if (size() == 1) return;
  note_collective();
  transport_->barrier();
}

void Communicator::all_reduce_raw(void* values, std::size_t count, RankNumberType type, Reduction reduction) const {
  if (size() == 1) return;
  note_collective();
  transport_->all_reduce(values, count, type, reduction);
}

void Communicator::broadcast_raw(void* values, std::size_t count, RankNumberType type, int root) const {
  if (size() == 1) return;
  note_collective();
  transport_->broadcast(values, count, type, root);
}

void Communicator::all_gather_raw(const void* value, void* values, RankNumberType type) const {
  if (size() == 1) {
    std::copy_n(static_cast<const char*>(value), bytes_of(type), static_cast<char*>(values));
    return;
  }
  note_collective();
  transport_->all_gather(value, values, type);
}

std::string Communicator::broadcast(const std::string& text, int root) const {
  std::uint64_t length = text.size();
  broadcast(std::span(&length, 1), root);
  std::string result = rank() == root ? text : std::string(length, '\0');
  broadcast(std::span(result.data(), result.size()), root);
  return result;
}

std::vector<std::string> Communicator::all_gather(const std::string& text) const {
  if (size() == 1) return {text};
  note_collective();
  return transport_->all_gather(text);
}

std::vector<std::string> Communicator::gather(const std::string& text, int root) const {
  if (size() == 1) return {text};
  note_collective();
  return transport_->gather(text, root);
}

std::unique_ptr<ByteChannel> Communicator::open_channel(std::size_t most_under_way) const {
  if (!transport_) throw std::logic_error("a process on its own has no channel to other ranks");
  return transport_->open_channel(most_under_way);
}

}  // namespace retime
