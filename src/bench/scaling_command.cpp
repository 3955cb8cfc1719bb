#include "bench/scaling_command.hpp"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <sstream>

#include "bench/allreduce_bench.hpp"
#include "bench/scaling_report.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "core/process.hpp"
#include "ranks/launch_environment.hpp"
#include "ranks/rank_agreement.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

std::vector<int> whole(const std::vector<double>& values) { return {values.begin(), values.end()}; }

void measure_here(const ScalingOptions& options, const Communicator& communicator) {
  const ScalingFolder folder(options.output);
  std::vector<ScalingRun> runs;
  if (options.mode != ScalingModes::kWeak)
    runs.push_back(measure_scaling(options.bench, ScalingMode::kStrong, options.bench.config.train.batch_frames,
                                   folder.path(), communicator));
  if (options.mode != ScalingModes::kStrong)
    runs.push_back(
        measure_scaling(options.bench, ScalingMode::kWeak, options.frames_per_rank, folder.path(), communicator));
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

void require_counts(const std::vector<double>& values, const std::string& name) {
  for (const double value : values)
    if (value < 1 || value > 1e6 || value != static_cast<int>(value))
      throw UsageError(name + " takes whole numbers from 1, as 1,2,4: see --help");
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

void prepare_environment() {
  const auto set = [](const char* name, const char* value) { ::setenv(name, value, /*overwrite=*/0); };
  set("OMPI_MCA_rmaps_base_oversubscribe", "1");
  set("OMPI_MCA_hwloc_base_binding_policy", "none");
  set("OMPI_MCA_mpi_yield_when_idle", "1");
  set("PRTE_MCA_rmaps_default_mapping_policy", ":oversubscribe");  // from Open MPI 5 on
  set("PRTE_MCA_hwloc_default_binding_policy", "none");
  if (::geteuid() != 0) return;
  for (const char* name : {"OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"}) set(name, "1");
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

void ScalingOptions::add_to(OptionTable& table) {
  const std::string section = "bench";
  table.add(section, "output", output, "folder of the results; runs of several jobs may share it");
  table.add_short('o', "output");
  const Choices<ScalingModes> modes{
      {"strong", ScalingModes::kStrong}, {"weak", ScalingModes::kWeak}, {"both", ScalingModes::kBoth}};
  table.add_choice(section, "mode", mode, modes,
                   "strong: --batch-frames shared by all ranks; weak: --frames-per-rank for each");
  table.add(section, "frames-per-rank", frames_per_rank, "frames in a step on each rank (weak scaling)");
  table.add(section, "launch", launch, "numbers of ranks, as 1,2,4: start these runs on this machine, then report");
  table.add(section, "rounds", rounds, "with --launch: how often; runs take turns, the median counts");
  table.add(section, "launcher", launcher, "with --launch: what starts ranks, followed by -n RANKS");
  table.add(section, "report", report, "measure nothing: write the report of the runs in the folder");
  table.add(section, "print-report", print_report, "print the tables after a run");
  table.add(section, "project", project, "measure nothing: project the runs in the folder to --gpus");
  table.add(section, "gpus", gpus, "with --project: numbers of ranks, one per GPU");
  table.add(section, "bandwidth", network.bus_bandwidth_gb_s,
            "with --project: bus bandwidth, GB/s; 0: as `retime bench allreduce -o` measured");
  table.add(section, "latency", network.latency_us,
            "with --project: time of a tiny all-reduce between two ranks, microseconds; negative: as measured");
  table.add(section, "scene", bench.scene, "scene.h5 to measure on; empty: one is drawn");
  table.add(section, "image-width", bench.size.width, "training size of the drawn scene, pixels");
  table.add(section, "image-height", bench.size.height, "pixels");
  table.add(section, "objects", bench.objects, "of the drawn scene");
  table.add(section, "threads", bench.threads, "of each rank, whatever the number of ranks");
  table.add(section, "warmup", bench.counts.warmup, "steps before the clock starts");
  table.add(section, "steps", bench.counts.timed, "timed steps");
  bench.config.add_to(table);
}

void ScalingOptions::validate() const {
  bench.config.validate();
  require(frames_per_rank >= 1, "frames-per-rank must be at least 1");
  require(rounds >= 1, "rounds must be at least 1");
  require(bench.counts.timed >= 1 && bench.counts.warmup >= 0, "steps must be at least 1, warmup at least 0");
  require(bench.threads >= 1, "threads must be at least 1");
  require(bench.objects >= 1 && bench.objects <= 64, "objects must be 1 to 64");
  require(bench.size.width >= 16 && bench.size.height >= 16, "image-width and image-height must be at least 16");
  require(!report || !project, "--report and --project exclude each other");
  require_counts(launch, "launch");
  require_counts(gpus, "gpus");
}

std::vector<std::string> split_words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

std::vector<std::string> launch_command(const std::string& launcher, int ranks, const std::string& program,
                                        const std::vector<std::string>& arguments) {
  auto words = split_words(launcher);
  if (words.empty()) throw UsageError("no launcher was named: use --launcher mpirun");
  words.insert(words.end(), {"-n", std::to_string(ranks), program});
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

void launch_ranks(const std::string& launcher, int ranks, const std::vector<std::string>& arguments) {
  auto words = launch_command(launcher, ranks, fs::read_symlink("/proc/self/exe").string(), arguments);
  prepare_environment();
  // Ended with this process, so that no ranks stay behind when a benchmark is cancelled.
  std::optional<ChildProcess> run;
  try {
    run.emplace(ChildCommand{words, {}, {}});
  } catch (const Error& error) {
    throw Error(std::string(error.what()) + "; or name another with --launcher");
  }
  if (const int code = run->wait(); code != 0)
    throw Error(fmt::format("a run with {} ranks failed ({} ended with {}): see its messages above", ranks,
                            joined(words), code));
}

}  // namespace retime
