#include "bench/scaling_command.hpp"

#include <cstdio>

#include "bench/allreduce_result.hpp"
#include "bench/launch.hpp"
#include "bench/scaling_report.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "ranks/launch_environment.hpp"
#include "ranks/rank_agreement.hpp"

namespace retime {
namespace {

std::vector<int> whole(const std::vector<double>& values) { return {values.begin(), values.end()}; }

void measure_here(const ScalingOptions& options, const Communicator& communicator) {
  const ScalingFolder folder(options.output);
  std::vector<ScalingRun> runs;
  if (options.mode != "weak")
    runs.push_back(
        measure_scaling(options.bench, "strong", options.bench.config.train.batch_frames, folder.path(), communicator));
  if (options.mode != "strong")
    runs.push_back(measure_scaling(options.bench, "weak", options.frames_per_rank, folder.path(), communicator));
  run_on_root(communicator, [&] {
    folder.add(runs);
    const auto series = write_report(folder);
    if (options.print_report) std::printf("%s", report_text(series).c_str());
  });
}

/// What the started runs get of our arguments: all but those that start runs.
std::vector<std::string> arguments_of_run(const std::vector<std::string>& arguments) {
  std::vector<std::string> result{"bench", "scaling", "--print-report=false"};
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string name = arguments[i].substr(0, arguments[i].find('='));
    const bool takes_over =
        name == "--launch" || name == "--rounds" || name == "--launcher" || name == "--print-report";
    if (!takes_over)
      result.push_back(arguments[i]);
    else if (name == arguments[i] && name != "--print-report")
      ++i;  // its value
  }
  return result;
}

void launch_all(const ScalingOptions& options, const std::vector<std::string>& arguments) {
  if (read_launch_environment().has_launcher)
    throw UsageError("--launch starts the ranks itself: call it without mpirun or srun");
  for (int round = 1; round <= options.rounds; ++round)
    for (const int ranks : whole(options.launch)) {
      log_info("round " + std::to_string(round) + " of " + std::to_string(options.rounds) + ": " +
               std::to_string(ranks) + (ranks == 1 ? " rank" : " ranks"));
      launch_ranks(options.launcher, ranks, arguments_of_run(arguments));
    }
  std::printf("%s", report_text(write_report(ScalingFolder(options.output))).c_str());
}

void project_runs(const ScalingOptions& options) {
  const ScalingFolder folder(options.output);
  const auto series = make_series(folder.read());
  const auto allreduce = read_allreduce(folder.path());
  const auto text = [&](bool markdown) {
    return projection_text(series, allreduce, options.network, whole(options.gpus), markdown);
  };
  std::printf("%s", text(false).c_str());
  write_text_file(folder.path() / "projection.md", text(true));
}

}  // namespace

void bench_scaling(const ScalingOptions& options, const std::vector<std::string>& arguments,
                   const Communicator& communicator) {
  const bool alone = options.report || options.project || !options.launch.empty();
  if (!alone) return measure_here(options, communicator);
  run_on_root(communicator, [&] {
    if (options.report)
      std::printf("%s", report_text(write_report(ScalingFolder(options.output))).c_str());
    else if (options.project)
      project_runs(options);
    else
      launch_all(options, arguments);
  });
}

}  // namespace retime
