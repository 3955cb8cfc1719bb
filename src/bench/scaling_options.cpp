#include "bench/scaling_options.hpp"

#include "core/error.hpp"
#include "core/options.hpp"

namespace retime {

void ScalingOptions::add_to(OptionTable& table) {
  const std::string section = "bench";
  table.add(section, "output", output, "folder of the results; runs of several jobs may share it");
  table.add_short('o', "output");
  table.add_choice(section, "mode", mode, {"strong", "weak", "both"},
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
  table.add(section, "scene", scene, "scene.h5 to measure on; empty: one is drawn");
  table.add(section, "image-width", bench.size.width, "training size of the drawn scene, pixels");
  table.add(section, "image-height", bench.size.height, "pixels");
  table.add(section, "objects", bench.objects, "of the drawn scene");
  table.add(section, "threads", bench.threads, "of each rank, whatever the number of ranks");
  table.add(section, "warmup", bench.counts.warmup, "steps before the clock starts");
  table.add(section, "steps", bench.counts.timed, "timed steps");
  bench.config.add_to(table);
}

namespace {

void require_counts(const std::vector<double>& values, const std::string& name) {
  for (const double value : values)
    if (value < 1 || value > 1e6 || value != static_cast<int>(value))
      throw UsageError(name + " takes whole numbers from 1, as 1,2,4: see --help");
}

}  // namespace

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

}  // namespace retime
