#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "ranks/byte_channel.hpp"

namespace retime {

/// How an all-reduce joins the values of the ranks.
enum class Reduction { kSum, kMin, kMax };

/// A type of numbers that travels between ranks.
enum class RankNumberType { kInt8, kUint8, kInt32, kUint32, kInt64, kUint64, kFloat, kDouble };

/// Where a process stands among the ranks of its job.
struct RankPlace {
  int rank = 0;
  int size = 1;
  int local_rank = 0;  ///< among the ranks that share this node's memory
  int local_size = 1;
  std::string host;  ///< name of this node
};

/// Name of this node, "localhost" if it has none.
std::string host_name();

/// Carries what a Communicator says between several ranks. All calls but `place` are collective and throw Error.
class RankTransport {
 public:
  virtual ~RankTransport() = default;

  virtual const RankPlace& place() const noexcept = 0;
  /// Waiting leaves the core to others.
  virtual void barrier() const = 0;
  /// In place, `count` numbers of `type`, equally many on each rank.
  virtual void all_reduce(void* values, std::size_t count, RankNumberType type, Reduction reduction) const = 0;
  virtual void broadcast(void* values, std::size_t count, RankNumberType type, int root) const = 0;
  /// One number of each rank into `values`, [size].
  virtual void all_gather(const void* value, void* values, RankNumberType type) const = 0;
  /// Texts of any length, in the order of ranks; `gather` returns nothing but on `root`.
  virtual std::vector<std::string> all_gather(const std::string& text) const = 0;
  virtual std::vector<std::string> gather(const std::string& text, int root) const = 0;
  /// See ByteChannel. `most_under_way`: messages that this rank may have sent and nobody has taken.
  virtual std::unique_ptr<ByteChannel> open_channel(std::size_t most_under_way) const = 0;
};

}  // namespace retime
