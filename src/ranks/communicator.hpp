#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
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

/// A number that the communicator carries: any integer or floating type of 1, 4 or 8 bytes, but bool.
template <class T>
concept RankNumber =
    std::is_arithmetic_v<T> && !std::same_as<T, bool> && (sizeof(T) == 1 || sizeof(T) == 4 || sizeof(T) == 8);

/// The ranks of this job, for control messages between CPUs (gradients travel on process groups). Valid without MPI as
/// rank 0 of 1. A cheap handle to copy. All methods throw Error when the transport fails.
class Communicator {
 public:
  /// Rank 0 of 1, without MPI.
  Communicator();
  /// This process among ranks that `transport` connects; rank and sizes as in RankTransport's place.
  explicit Communicator(std::shared_ptr<const RankTransport> transport);

  int rank() const noexcept { return place_->rank; }
  int size() const noexcept { return place_->size; }
  /// Rank and number of ranks among those that share this node's memory.
  int local_rank() const noexcept { return place_->local_rank; }
  int local_size() const noexcept { return place_->local_size; }
  bool is_root() const noexcept { return rank() == 0; }
  /// Name of this node.
  const std::string& host() const noexcept { return place_->host; }

  /// This call is MPI collective.
  void barrier() const;

  /// Replaces `values` by the sum, minimum or maximum over all ranks, element by element. Every rank gives equally
  /// many. This call is MPI collective.
  template <RankNumber T>
  void all_reduce(std::span<T> values, Reduction reduction) const {
    all_reduce_raw(values.data(), values.size(), number_type<T>(), reduction);
  }
  /// The same for one value. This call is MPI collective.
  template <RankNumber T>
  T all_reduce(T value, Reduction reduction) const {
    all_reduce(std::span<T>(&value, 1), reduction);
    return value;
  }

  /// Replaces `values` by those of `root`. Every rank gives equally many. This call is MPI collective.
  template <RankNumber T>
  void broadcast(std::span<T> values, int root = 0) const {
    broadcast_raw(values.data(), values.size(), number_type<T>(), root);
  }
  /// Returns the text of `root`, of any length. This call is MPI collective.
  std::string broadcast(const std::string& text, int root = 0) const;

  /// Returns the values of all ranks in their order, [size]. This call is MPI collective.
  template <RankNumber T>
  std::vector<T> all_gather(T value) const {
    std::vector<T> values(static_cast<std::size_t>(size()));
    all_gather_raw(&value, values.data(), number_type<T>());
    return values;
  }
  /// Returns the texts of all ranks in their order, [size]. This call is MPI collective.
  std::vector<std::string> all_gather(const std::string& text) const;
  /// Returns the texts of all ranks in their order on `root`, nothing elsewhere. This call is MPI collective.
  std::vector<std::string> gather(const std::string& text, int root = 0) const;

  /// A channel of its own, for several ranks: throws std::logic_error with one. This call is MPI collective.
  std::unique_ptr<ByteChannel> open_channel(std::size_t most_under_way) const;

  /// What carries the messages; null in a process on its own.
  const RankTransport* transport() const noexcept { return transport_.get(); }

 private:
  template <RankNumber T>
  static constexpr RankNumberType number_type() {
    static_assert(!std::is_floating_point_v<T> || sizeof(T) >= 4);
    if constexpr (std::is_floating_point_v<T>) return sizeof(T) == 4 ? RankNumberType::kFloat : RankNumberType::kDouble;
    if constexpr (sizeof(T) == 1) return std::is_signed_v<T> ? RankNumberType::kInt8 : RankNumberType::kUint8;
    if constexpr (sizeof(T) == 4) return std::is_signed_v<T> ? RankNumberType::kInt32 : RankNumberType::kUint32;
    return std::is_signed_v<T> ? RankNumberType::kInt64 : RankNumberType::kUint64;
  }

  void all_reduce_raw(void* values, std::size_t count, RankNumberType type, Reduction reduction) const;
  void broadcast_raw(void* values, std::size_t count, RankNumberType type, int root) const;
  void all_gather_raw(const void* value, void* values, RankNumberType type) const;

  std::shared_ptr<const RankTransport> transport_;
  std::shared_ptr<const RankPlace> place_;
};

}  // namespace retime
