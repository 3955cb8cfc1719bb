#pragma once

#include <string>
#include <vector>

#include "bench/scaling_options.hpp"
#include "ranks/communicator.hpp"

namespace retime {

/// Measures with the ranks of this job, or starts runs with several numbers of them, or reports or projects what is in
/// the folder, as the options say. `arguments`: the command line that they came from, which started runs get too. This
/// call is MPI collective.
void bench_scaling(const ScalingOptions& options, const std::vector<std::string>& arguments,
                   const Communicator& communicator);

}  // namespace retime
