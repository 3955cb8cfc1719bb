#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace retime {

class MpiComm;

/// How an all-reduce joins the values of the ranks.
enum class Reduction { kSum, kMin, kMax };

/// A number that the communicator carries: any integer or floating type of 1, 4 or 8 bytes, but bool.
template <class T>
concept MpiNumber =
    std::is_arithmetic_v<T> && !std::same_as<T, bool> && (sizeof(T) == 1 || sizeof(T) == 4 || sizeof(T) == 8);

/// The ranks of this job, for control messages between CPUs (gradients travel on process groups). Valid without MPI as
/// rank 0 of 1. A cheap handle to copy; made by MpiSession. All methods throw Error when MPI reports a failure.
class Communicator {
 public:
  /// Rank 0 of 1, without MPI.
  Communicator();
  /// A communicator over all ranks of the job. MPI must run. This call is MPI collective.
  static Communicator world();

  int rank() const noexcept;
  int size() const noexcept;
  /// Rank and number of ranks among those that share this node's memory.
  int local_rank() const noexcept;
  int local_size() const noexcept;
  bool is_root() const noexcept { return rank() == 0; }
  /// Name of this node.
  const std::string& host() const noexcept;

  /// This call is MPI collective.
  void barrier() const;

  /// Replaces `values` by the sum, minimum or maximum over all ranks, element by element. Every rank gives equally
  /// many. This call is MPI collective.
  template <MpiNumber T>
  void all_reduce(std::span<T> values, Reduction reduction) const {
    all_reduce_raw(values.data(), values.size(), number_type<T>(), reduction);
  }
  /// The same for one value. This call is MPI collective.
  template <MpiNumber T>
  T all_reduce(T value, Reduction reduction) const {
    all_reduce(std::span<T>(&value, 1), reduction);
    return value;
  }

  /// Replaces `values` by those of `root`. Every rank gives equally many. This call is MPI collective.
  template <MpiNumber T>
  void broadcast(std::span<T> values, int root = 0) const {
    broadcast_raw(values.data(), values.size(), number_type<T>(), root);
  }
  /// Returns the text of `root`, of any length. This call is MPI collective.
  std::string broadcast(const std::string& text, int root = 0) const;

  /// Returns the values of all ranks in their order, [size]. This call is MPI collective.
  template <MpiNumber T>
  std::vector<T> all_gather(T value) const {
    std::vector<T> values(static_cast<std::size_t>(size()));
    all_gather_raw(&value, values.data(), number_type<T>());
    return values;
  }
  /// Returns the texts of all ranks in their order, [size]. This call is MPI collective.
  std::vector<std::string> all_gather(const std::string& text) const;
  /// Returns the texts of all ranks in their order on `root`, nothing elsewhere. This call is MPI collective.
  std::vector<std::string> gather(const std::string& text, int root = 0) const;

  /// The communicator beneath, for those who duplicate it (`mpi_support.hpp`). Holds MPI_COMM_NULL without MPI.
  const MpiComm& mpi() const noexcept;

 private:
  struct World;
  enum class NumberType { kInt8, kUint8, kInt32, kUint32, kInt64, kUint64, kFloat, kDouble };

  explicit Communicator(std::shared_ptr<const World> world);

  template <MpiNumber T>
  static constexpr NumberType number_type() {
    static_assert(!std::is_floating_point_v<T> || sizeof(T) >= 4);
    if constexpr (std::is_floating_point_v<T>) return sizeof(T) == 4 ? NumberType::kFloat : NumberType::kDouble;
    if constexpr (sizeof(T) == 1) return std::is_signed_v<T> ? NumberType::kInt8 : NumberType::kUint8;
    if constexpr (sizeof(T) == 4) return std::is_signed_v<T> ? NumberType::kInt32 : NumberType::kUint32;
    return std::is_signed_v<T> ? NumberType::kInt64 : NumberType::kUint64;
  }

  void all_reduce_raw(void* values, std::size_t count, NumberType type, Reduction reduction) const;
  void broadcast_raw(void* values, std::size_t count, NumberType type, int root) const;
  void all_gather_raw(const void* value, void* values, NumberType type) const;

  std::shared_ptr<const World> world_;
};

}  // namespace retime
