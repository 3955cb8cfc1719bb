#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <string>

#include "bench/allreduce_result.hpp"
#include "bench/scaling_bench.hpp"
#include "core/options.hpp"
#include "dist/process_group.hpp"
#include "ranks/communicator.hpp"

namespace retime {

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
