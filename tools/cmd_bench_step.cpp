
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>

#include "bench/bench_checkpoint.hpp"
#include "core/error.hpp"
#include "dist/device.hpp"
#include "dist/torch.hpp"
#include "model/fit/fused_adam.hpp"
#include "model/net/autocast.hpp"
#include "model/net/unet.hpp"
#include "model/net/upsampler.hpp"
#include "tools/bench.hpp"
#include "tools/command_line.hpp"

namespace retime {
namespace {

struct BenchSettings {
  DeviceChoice device = DeviceChoice::kAuto;
  std::string checkpoint_folder;
  int width = 16, upsample_width = 64, image_width = 224, image_height = 128, layers = 4, repeats = 10;
};

double median_s(const std::function<void()>& work, int repeats, torch::Device device) {
  std::vector<double> times;
  for (int i = -2; i < repeats; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    if (device.is_cuda()) torch::cuda::synchronize(device.index());
    if (i >= 0) times.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
  return times[times.size() / 2];
}

// One training step of a network alone: forward, backward, Adam.
template <class Network>
double step_s(const BenchSettings& settings, Network net, torch::Tensor input, bool bf16, bool channels_last) {
  const auto device = input.device();
  net->to(device);
  FusedAdam adam({{net->parameters(), std::vector<std::string>(net->parameters().size()), 1}});
  if (channels_last) input = input.contiguous(torch::MemoryFormat::ChannelsLast);
  const auto work = [&] {
    const auto output = [&] {
      const Autocast autocast(bf16, device.type());
      return net->forward(input);
    }();
    output.to(torch::kFloat).abs().mean().backward();
    adam.step(1e-3);
    for (auto& parameter : net->parameters()) parameter.mutable_grad().zero_();
  };
  return median_s(work, settings.repeats, device);
}

// The four ways of computing it.
template <class Make>
void print_times(const BenchSettings& settings, const torch::Tensor& input, Make make_network) {
  const double base = step_s(settings, make_network(), input, false, false);
  const auto print = [&](const char* name, double seconds) {
    std::printf("%-24s %9.5f s per layer and frame   %5.2fx\n", name, seconds / settings.layers, base / seconds);
  };
  print("float32", base);
  print("float32, channels last", step_s(settings, make_network(), input, false, true));
  print("bfloat16", step_s(settings, make_network(), input, true, false));
  print("bfloat16, channels last", step_s(settings, make_network(), input, true, true));
}

void bench_renderer(const BenchSettings& settings, torch::Device device) {
  ModelOptions options;
  options.width = settings.width;
  const auto input =
      torch::randn({settings.layers, options.texture_channels, settings.image_height, settings.image_width}, device);
  std::printf("renderer of width %d, %d layers of %dx%d, %s\n", settings.width, settings.layers, settings.image_width,
              settings.image_height, device.str().c_str());
  print_times(settings, input, [&] { return UNet(options, options.texture_channels, 4, nullptr); });
}

void bench_upsampler(const BenchSettings& settings, torch::Device device) {
  UpsampleOptions options;
  options.width = settings.upsample_width;
  const int channels = 4 + ModelOptions().texture_channels + settings.width;
  const auto input = torch::randn({settings.layers, channels, options.crop, options.crop}, device);
  std::printf("upsampling network of width %d, %d windows of %dx%d, %s\n", options.width, settings.layers, options.crop,
              options.crop, device.str().c_str());
  print_times(settings, input, [&] { return Upsampler(options, channels, nullptr); });
}

}  // namespace

int cmd_bench_step(const CommandContext& context) {
  BenchSettings settings;
  CommandLine line(
      "bench", "[step | scaling | allreduce] [options]",
      "step (or no word): times a training step of the renderer and of the upsampling network alone: seconds per layer "
      "and frame, and ratios.\nscaling: steps of real fits over ranks, and where their time goes (retime bench scaling "
      "--help).\nallreduce: bandwidth of sums over ranks (retime bench allreduce --help).");
  add_device_option(line.table(), "bench", settings.device);
  line.table().add("bench", "width", settings.width, "channels of the renderer");
  line.table().add("bench", "upsample-width", settings.upsample_width, "channels of the upsampling network");
  line.table().add("bench", "image-width", settings.image_width, "pixels");
  line.table().add("bench", "image-height", settings.image_height, "pixels");
  line.table().add("bench", "layers", settings.layers, "layers in a step");
  line.table().add("bench", "repeats", settings.repeats, "timed steps; the median counts");
  line.table().add("bench", "checkpoint-folder", settings.checkpoint_folder,
                   "times saves into this folder instead: for how long they hold a fit up");
  if (!line.parse(context, 0)) return kExitOk;
  if (settings.repeats < 1 || settings.layers < 1)
    throw UsageError("repeats and layers must be at least 1: see --help");
  const auto device = choose_device(settings.device, context.communicator);
  if (!settings.checkpoint_folder.empty()) {
    ModelOptions options;
    options.width = settings.width;
    bench_checkpoint(options, {settings.image_width, settings.image_height}, settings.layers, device,
                     settings.checkpoint_folder, settings.repeats);
    return kExitOk;
  }
  bench_renderer(settings, device);
  bench_upsampler(settings, device);
  return kExitOk;
}

}  // namespace retime
