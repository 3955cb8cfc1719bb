#include "bench/bench_checkpoint.hpp"
#include "bench/network_step.hpp"
#include "core/options.hpp"
#include "dist/device.hpp"
#include "model/config/model_options.hpp"
#include "tools/bench.hpp"
#include "tools/command_line.hpp"

namespace retime {

int cmd_bench_step(const CommandContext& context) {
  NetworkBench settings;
  DeviceChoice device_choice = DeviceChoice::kAuto;
  std::string checkpoint_folder;
  CommandLine line(
      "bench", "[step | scaling | allreduce] [options]",
      "step (or no word): times a training step of the renderer and of the upsampling network alone: seconds per layer "
      "and frame, and ratios.\nscaling: steps of real fits over ranks, and where their time goes (retime bench scaling "
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
    bench_checkpoint(options, {settings.image_width, settings.image_height}, settings.layers, device, checkpoint_folder,
                     settings.repeats);
    return kExitOk;
  }
  print_network_steps(settings, device);
  return kExitOk;
}

}  // namespace retime
