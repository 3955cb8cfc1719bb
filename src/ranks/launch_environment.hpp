#pragma once

#include <cstdlib>
#include <functional>
#include <string>

namespace retime {

/// What the launcher (mpirun, srun) told this process through the environment.
struct LaunchEnvironment {
  bool has_launcher = false;  ///< a launcher that speaks PMI or PMIx started this process: MPI is to be initialised
  int expected_size = 0;      ///< ranks that the launcher started; 0 when it does not say
  std::string source;         ///< the variable that `expected_size` comes from
  int rank = 0;               ///< this process among those that the launcher started; 0 when it does not say

  /// True when the launcher started several processes, or does not say how many.
  bool has_several_ranks() const noexcept { return expected_size > 1 || (has_launcher && expected_size == 0); }
};

/// Looks a variable up; returns null when it is not set.
using EnvironmentLookup = std::function<const char*(const char*)>;

/// Reads the variables of Open MPI, PMI, PMIx and Slurm steps. A shell inside `salloc` or `sbatch` counts as one
/// process whatever its allocation holds. To be called before MPI starts, which sets some of these variables itself.
LaunchEnvironment read_launch_environment(const EnvironmentLookup& lookup = [](const char* name) {
  return std::getenv(name);
});

/// Throws AgreedError when the launcher started several processes that do not see each other through MPI: all of them
/// run into that.
void check_world_size(const LaunchEnvironment& launch, int world_size);

}  // namespace retime
