#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/scaling_bench.hpp"
#include "core/options.hpp"
#include "dist/process_group.hpp"
#include "ranks/communicator.hpp"

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

struct AllreduceTiming {
  int rounds = 5;       ///< the median of which counts
  int iterations = 10;  ///< operations in a round, started one after the other and waited for together
};

/// Sums `bytes` of float values in place, first to check the values, then against the clock. `group` joins all ranks of
/// `communicator`. This call is MPI collective.
AllreduceResult measure_allreduce(const ProcessGroupPtr& group, const Communicator& communicator, c10::Device device,
                                  std::int64_t bytes, AllreduceTiming timing);

/// What `retime bench allreduce` is asked for.
struct AllreduceOptions {
  BenchSetup bench;
  std::string output;  ///< folder that keeps the results; may be empty
  /// Of the sweep; `factor` from one size to the next.
  int first_bytes = 1024, last_bytes = 64 << 20, factor = 4;
  AllreduceTiming timing;

  void add_to(OptionTable& table);
  /// Throws UsageError.
  void validate() const;
};

/// Times sums over ranks of the sizes of a model's gradients and of a sweep; prints them as they are measured and adds
/// them to `options.output`. Throws Error when a sum is wrong. There are several ranks. This call is MPI collective.
void bench_allreduce(const AllreduceOptions& options, const Communicator& communicator);

}  // namespace retime
