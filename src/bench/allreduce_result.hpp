#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace retime {

/// An all-reduce of float values as it was measured.
struct AllreduceResult {
  std::string kind = "sweep";  ///< bucket: a bucket of the model's gradients; sweep: a size of the sweep
  int ranks = 1, nodes = 1;
  std::string device;
  std::int64_t bytes = 0;
  double time_s = 0;  ///< of one operation, of the slowest rank; the median of several rounds
  double min_s = 0, max_s = 0;
  std::int64_t wrong = 0;  ///< values that were not the sum, over all ranks

  std::int64_t count() const { return bytes / 4; }
  /// bytes / time, in GB (10^9 bytes) per second.
  double algorithm_bandwidth() const;
  /// What each link of a ring carries: 2 (n - 1) / n times the algorithm bandwidth, GB/s.
  double bus_bandwidth() const;
};

/// Sizes from `first` to `last` bytes, each `factor` times the one before.
std::vector<std::int64_t> sweep_sizes(std::int64_t first, std::int64_t last, int factor);

/// The columns of nccl-tests (in place): header, a line, and the last lines.
std::string allreduce_header();
std::string allreduce_line(const AllreduceResult& result);
std::string allreduce_footer(const std::vector<AllreduceResult>& results);

/// Keeps results in `folder`/allreduce/*.csv, a file for each call.
void add_allreduce(const std::filesystem::path& folder, const std::vector<AllreduceResult>& results);
/// All that `add_allreduce` kept. Throws Error for a damaged file.
std::vector<AllreduceResult> read_allreduce(const std::filesystem::path& folder);

}  // namespace retime
