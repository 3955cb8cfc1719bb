#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace retime {

/// Messages of bytes from rank to rank, apart from all other traffic. Memory is bounded on both sides: a message leaves
/// its sender when the receiver takes it, and a sender holds a limited number. Waiting leaves the core to others. The
/// destructor waits until everything that was sent has been taken, unless an exception passes by.
class ByteChannel {
 public:
  virtual ~ByteChannel() = default;

  /// Sends a copy of up to 2 GiB to rank `target`. Waits while too many messages are under way.
  virtual void send(int target, int tag, std::span<const std::uint8_t> bytes) = 0;
  /// Waits for the next message of rank `source`, in the order of sending, and returns its tag.
  virtual int receive(int source, std::vector<std::uint8_t>& bytes) = 0;
  /// Waits until everything that was sent has been taken.
  virtual void flush() = 0;
};

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
