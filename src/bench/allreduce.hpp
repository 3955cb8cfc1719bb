#pragma once

#include <c10/core/Device.h>

#include <cstdint>

#include "bench/allreduce_result.hpp"
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

}  // namespace retime
