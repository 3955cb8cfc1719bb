#include "bench/allreduce_bench.hpp"
#include "bench/scaling_command.hpp"
#include "bench/step_bench.hpp"
#include "core/error.hpp"
#include "core/options.hpp"
#include "dist/device.hpp"
#include "model/config/fit_options.hpp"
#include "ranks/rank_agreement.hpp"
#include "tools/command_line.hpp"

namespace retime {
namespace {

// Words of `retime bench`; `context.arguments` are those behind the word.

int bench_step_word(const CommandContext& context) {
  NetworkBench settings;
  DeviceChoice device_choice = DeviceChoice::kAuto;
  std::string checkpoint_folder;
  CommandLine line(
      "bench", "[step | scaling | allreduce] [options]",
      "step (or no word): times a training step of the renderer and of the upsampling network alone: seconds per layer "
      "and frame, and ratios; on one rank.\nscaling: steps of real fits over ranks, and where their time goes (retime "
      "bench scaling "
      "--help).\nallreduce: bandwidth of sums over ranks (retime bench allreduce --help).");
  add_device_option(line.table(), "bench", device_choice);
  line.table().add("bench", "width", settings.width, "channels of the renderer");
  line.table().add("bench", "upsample-width", settings.upsample_width, "channels of the upsampling network");
  line.table().add("bench", "image-width", settings.image_width, "pixels");
  line.table().add("bench", "image-height", settings.image_height, "pixels");
  line.table().add("bench", "layers", settings.layers, "layers in a step");
  line.table().add("bench", "repeats", settings.repeats, "timed steps; the median counts");
  line.table().add("bench", "checkpoint-folder", checkpoint_folder,
                   "times saves into this folder instead: for how long they hold a fit up");
  const auto check = [&](const auto&) {
    require(settings.repeats >= 1 && settings.layers >= 1, "repeats and layers must be at least 1");
  };
  if (!line.parse(context, 0, check)) return kExitOk;
  const auto device = choose_device(device_choice, context.communicator);
  if (!checkpoint_folder.empty()) {
    ModelOptions options;
    options.width = settings.width;
    run_on_root(context.communicator, [&] {
      bench_checkpoint(options, {settings.image_width, settings.image_height}, settings.layers, device,
                       checkpoint_folder, settings.repeats);
    });
    return kExitOk;
  }
  run_on_root(context.communicator, [&] { print_network_steps(settings, device); });
  return kExitOk;
}

int bench_scaling_word(const CommandContext& context) {
  ScalingOptions options;
  CommandLine line("bench scaling", "-o DIR [options]",
                   "Times steps of a real fit with the ranks of this job (mpirun -n 4 retime bench scaling -o DIR; a "
                   "Slurm array with a task\nfor each number of ranks) and writes DIR/scaling.csv, scaling.md and "
                   "scaling.svg from all runs in DIR.");
  options.add_to(line.table());
  const auto check = [&](const auto&) {
    require_option("bench scaling", "output", options.output);
    options.validate();
  };
  if (!line.parse(context, 0, check)) return kExitOk;
  bench_scaling(options, context.arguments, context.communicator);
  return kExitOk;
}

int bench_allreduce_word(const CommandContext& context) {
  AllreduceOptions options;
  CommandLine line(
      "bench allreduce", "[-o DIR] [options]",
      "Times sums over ranks on what a fit uses for them (NCCL on GPUs, MPI on CPUs): the buckets that the "
      "model's gradients\ntravel in, and a sweep of sizes; in place, in the columns of nccl-tests. Checks "
      "the sums. Start it with mpirun or srun.");
  options.add_to(line.table());
  const auto& communicator = context.communicator;
  const auto check = [&](const auto&) {
    options.validate();
    if (communicator.size() < 2)
      throw UsageError("an all-reduce needs at least two ranks (there is one): mpirun -n 2 retime bench allreduce");
  };
  if (!line.parse(context, 0, check)) return kExitOk;
  bench_allreduce(options, communicator);
  return kExitOk;
}

}  // namespace

int cmd_bench(const CommandContext& context) {
  if (context.arguments.empty() || context.arguments[0].starts_with("-")) return bench_step_word(context);
  const std::string word = context.arguments[0];
  const CommandContext rest{
      {context.arguments.begin() + 1, context.arguments.end()}, context.communicator, context.set_rank_timeout};
  if (word == "step") return bench_step_word(rest);
  if (word == "scaling") return bench_scaling_word(rest);
  if (word == "allreduce") return bench_allreduce_word(rest);
  throw UsageError("retime bench knows no '" + word + "'" + suggestion(word, {"step", "scaling", "allreduce"}) +
                   ": use step, scaling or allreduce");
}

}  // namespace retime
