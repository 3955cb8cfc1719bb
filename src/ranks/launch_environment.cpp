#include "ranks/launch_environment.hpp"

#include <charconv>
#include <cstring>

#include "core/error.hpp"
#include "ranks/rank_agreement.hpp"

namespace retime {
namespace {

int to_count(const char* text) {
  int count = 0;
  if (text != nullptr) std::from_chars(text, text + std::strlen(text), count);
  return count;
}

}  // namespace

LaunchEnvironment read_launch_environment(const EnvironmentLookup& lookup) {
  LaunchEnvironment launch;
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK", "PMI_RANK"}) {
    if (lookup(name) != nullptr) launch.has_launcher = true;
  }
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"}) {
    const bool of_slurm = std::strcmp(name, "SLURM_STEP_NUM_TASKS") == 0;
    if (of_slurm && lookup("SLURM_STEP_ID") == nullptr) continue;
    if (const int count = to_count(lookup(name)); count > 0) {
      launch.expected_size = count;
      launch.source = name;
      break;
    }
  }
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK", "SLURM_PROCID"}) {
    if (lookup(name) == nullptr) continue;
    launch.rank = to_count(lookup(name));
    break;
  }
  return launch;
}

void check_world_size(const LaunchEnvironment& launch, int world_size) {
  if (world_size > 1 || launch.expected_size <= 1) return;
  const std::string count = std::to_string(launch.expected_size);
  throw AgreedError(
      "the launcher started " + count + " processes but MPI sees one rank (" + launch.source + "=" + count +
      "; wrong launcher or MPI plugin): start with `srun --mpi=pmix`, or with the `mpirun` of the MPI that this "
      "program was built with");
}

}  // namespace retime
