#include "bench/network_step.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <vector>

#include "dist/torch.hpp"
#include "model/net/autocast.hpp"
#include "model/net/unet.hpp"
#include "model/net/upsampler.hpp"
#include "model/step/train_step.hpp"

namespace retime {
namespace {

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

// One training step of a network alone.
template <class Network>
double step_s(const NetworkBench& settings, Network net, torch::Tensor input, bool bf16, bool channels_last) {
  const auto device = input.device();
  net->to(device);
  TrainStep step(*net, FitRanks(device), {});
  if (channels_last) input = input.contiguous(torch::MemoryFormat::ChannelsLast);
  const auto loss = [&]() -> StepLoss {
    const auto output = [&] {
      const Autocast autocast(bf16, device.type());
      return net->forward(input);
    }();
    const auto mean = output.to(torch::kFloat).abs().mean();
    return {mean, mean.detach()};
  };
  return median_s([&] { step.make(loss, {.learning_rate = 1e-3}); }, settings.repeats, device);
}

// The four ways of computing it.
template <class Make>
void print_times(const NetworkBench& settings, const torch::Tensor& input, Make make_network) {
  const double base = step_s(settings, make_network(), input, false, false);
  const auto print = [&](const char* name, double seconds) {
    std::printf("%-24s %9.5f s per layer and frame   %5.2fx\n", name, seconds / settings.layers, base / seconds);
  };
  print("float32", base);
  print("float32, channels last", step_s(settings, make_network(), input, false, true));
  print("bfloat16", step_s(settings, make_network(), input, true, false));
  print("bfloat16, channels last", step_s(settings, make_network(), input, true, true));
}

void bench_renderer(const NetworkBench& settings, torch::Device device) {
  ModelOptions options;
  options.width = settings.width;
  const auto input =
      torch::randn({settings.layers, options.texture_channels, settings.image_height, settings.image_width}, device);
  std::printf("renderer of width %d, %d layers of %dx%d, %s\n", settings.width, settings.layers, settings.image_width,
              settings.image_height, device.str().c_str());
  print_times(settings, input, [&] { return UNet(options, options.texture_channels, 4, nullptr); });
}

void bench_upsampler(const NetworkBench& settings, torch::Device device) {
  UpsampleOptions options;
  options.width = settings.upsample_width;
  options.crop = settings.upsample_crop;
  const int channels = 4 + ModelOptions().texture_channels + settings.width;
  const auto input = torch::randn({settings.layers, channels, options.crop, options.crop}, device);
  std::printf("upsampling network of width %d, %d windows of %dx%d, %s\n", options.width, settings.layers, options.crop,
              options.crop, device.str().c_str());
  print_times(settings, input, [&] { return Upsampler(options, channels, nullptr); });
}

}  // namespace

void print_network_steps(const NetworkBench& settings, c10::Device device) {
  bench_renderer(settings, device);
  bench_upsampler(settings, device);
}

}  // namespace retime
