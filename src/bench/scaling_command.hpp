#pragma once

#include <string>
#include <vector>

#include "bench/projection.hpp"
#include "bench/scaling_bench.hpp"
#include "core/options.hpp"
#include "ranks/communicator.hpp"

namespace retime {

/// Which scalings are measured.
enum class ScalingModes { kStrong, kWeak, kBoth };

/// What `retime bench scaling` is asked for.
struct ScalingOptions {
  BenchSetup bench;
  ScalingModes mode = ScalingModes::kBoth;
  std::string output, launcher = "mpirun";
  std::vector<double> launch, gpus{4, 8, 16, 32, 64};
  int frames_per_rank = 2, rounds = 3;
  bool report = false, project = false, print_report = true;
  NetworkOverride network;

  ScalingOptions() { bench.config.train.batch_frames = 8; }
  void add_to(OptionTable& table);
  /// Throws UsageError.
  void validate() const;
};

/// Measures with the ranks of this job, or starts runs with several numbers of them, or reports or projects what is in
/// the folder, as the options say. `arguments`: the command line that they came from, which started runs get too. This
/// call is MPI collective.
void bench_scaling(const ScalingOptions& options, const std::vector<std::string>& arguments,
                   const Communicator& communicator);

/// The words of a command line, split at spaces.
std::vector<std::string> split_words(const std::string& text);

/// What `launch_ranks` starts: launcher, "-n", ranks, program, arguments. Throws UsageError without a launcher.
std::vector<std::string> launch_command(const std::string& launcher, int ranks, const std::string& program,
                                        const std::vector<std::string>& arguments);

/// Runs this program with `arguments` on so many ranks as a child process, and waits for it. Its output goes where ours
/// goes. Open MPI is told through the environment, which other launchers do not mind, that ranks may outnumber cores,
/// are not bound to them and give way while they wait, and that root may run it if root does; what is set already
/// stays. Throws Error when it cannot be started or fails. To be called in a process without MPI.
void launch_ranks(const std::string& launcher, int ranks, const std::vector<std::string>& arguments);

}  // namespace retime
