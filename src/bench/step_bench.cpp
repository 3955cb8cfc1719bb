#include "bench/step_bench.hpp"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <cstdio>
#include <functional>
#include <numeric>
#include <span>
#include <vector>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/progress.hpp"
#include "dist/device.hpp"
#include "format/checkpoint_writer.hpp"
#include "model/fit/fit.hpp"
#include "model/layers/layered_model.hpp"
#include "model/net/autocast.hpp"
#include "model/net/unet.hpp"
#include "model/net/upsampler.hpp"
#include "model/state/model_state.hpp"
#include "model/step/train_step.hpp"
#include "ranks/rank_agreement.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

double total(const StepParts& step) { return std::accumulate(step.begin(), step.end(), 0.0); }

/// A fit of so many steps that saves only at its end.
FitConfig short_fit(FitConfig config, const SceneInfo& scene, int steps) {
  if (config.train.batch_frames > scene.frame_count)
    throw AgreedError(
        fmt::format("the scene has {} frames, fewer than a step takes ({}): use a longer scene or a smaller batch",
                    scene.frame_count, config.train.batch_frames));
  const BatchSampler sampler(scene.frame_count, config.train.batch_frames, 1);
  config.train.epochs = (steps + sampler.steps_per_epoch() - 1) / sampler.steps_per_epoch();
  config.train.resume = "none";
  config.train.checkpoint_epochs = INT_MAX;
  config.train.keep_every = 0;
  config.train.preview_epochs = 0;
  config.train.max_seconds = 0;
  return config;
}

std::vector<StepParts> mean_over_ranks(const std::vector<StepRecord>& records, const Communicator& communicator) {
  std::vector<double> values;
  for (const auto& record : records) values.insert(values.end(), record.part_s.begin(), record.part_s.end());
  communicator.all_reduce(std::span(values), Reduction::kSum);
  std::vector<StepParts> steps(records.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    steps[i / kStepParts][i % kStepParts] = values[i] / communicator.size();
  return steps;
}

std::int64_t gradient_bytes_of(const torch::nn::Module& model) {
  std::int64_t bytes = 0;
  for (const auto& parameter : model.parameters())
    if (parameter.requires_grad()) bytes += static_cast<std::int64_t>(parameter.nbytes());
  return bytes;
}

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

// A run's folder for as long as it is measured.
class ScratchRun {
 public:
  explicit ScratchRun(const fs::path& folder) : path_(folder / fmt::format(".retime-bench-{}", ::getpid())) {
    make_folder(path_ / "checkpoints");
  }
  ~ScratchRun() {
    std::error_code ignored;
    CheckpointFolder(path_).remove_leftovers();
    for (const auto& file : CheckpointFolder(path_).list()) fs::remove(file, ignored);
    fs::remove(path_ / "checkpoints", ignored);
    fs::remove(path_, ignored);
  }
  ScratchRun(ScratchRun&&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

LayeredModel make_model(const ModelOptions& options, Size size, int objects, torch::Device device) {
  ModelScene scene;
  scene.objects = objects;
  scene.size = size;
  scene.bounds = {-0.5, size.width - 0.5, -0.5, size.height - 0.5};
  scene.plate = torch::zeros({1, 3, 2 * size.height, 2 * size.width});
  LayeredModel model(options, scene, nullptr);
  model->to(device);
  return model;
}

Checkpoint copy_of(const torch::nn::Module& module, const FusedAdam& adam, int step) {
  Checkpoint checkpoint;
  checkpoint.step = step;
  checkpoint.arrays = save_module(module);
  auto moments = adam.save();
  std::move(moments.begin(), moments.end(), std::back_inserter(checkpoint.arrays));
  return checkpoint;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

}  // namespace

StepMeasurement summarize_steps(const std::vector<StepParts>& steps) {
  auto sorted = steps;
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return total(a) < total(b); });
  StepMeasurement result;
  result.steps = static_cast<int>(sorted.size());
  result.min_s = total(sorted.front());
  result.max_s = total(sorted.back());
  const std::size_t cut = sorted.size() / 4, kept = sorted.size() - 2 * cut;
  for (std::size_t i = cut; i < cut + kept; ++i)
    for (std::size_t part = 0; part < kStepParts; ++part)
      result.part_s[part] += sorted[i][part] / static_cast<double>(kept);
  result.step_s = total(result.part_s);
  return result;
}

StepMeasurement measure_steps(const SceneReader& scene, FitConfig config, const std::filesystem::path& run,
                              const Communicator& communicator, StepCounts counts) {
  config = short_fit(std::move(config), scene.info(), counts.warmup + counts.timed);
  const StepTimeline timeline(choose_device(config.train.device, communicator));
  FitSession session(run, config.train, communicator, {{}, false});
  LayerFit fit(scene, config, session);
  try {
    fit.run();
  } catch (const AgreedStop&) {
    throw AgreedError("the measurement was stopped before its end (by a signal): nothing was kept, start it again");
  }
  auto records = timeline.records();
  records.erase(records.begin(), records.begin() + counts.warmup);
  auto result = summarize_steps(mean_over_ranks(records, communicator));
  result.bucket_bytes = records.back().bucket_bytes;
  result.gradient_bytes = gradient_bytes_of(*fit.model());
  return result;
}

void print_network_steps(const NetworkBench& settings, c10::Device device) {
  bench_renderer(settings, device);
  bench_upsampler(settings, device);
}

void bench_checkpoint(const ModelOptions& options, Size size, int objects, torch::Device device, const fs::path& folder,
                      int repeats) {
  auto model = make_model(options, size, objects, device);
  const FusedAdam adam({FusedAdam::all_of(*model)});
  const ScratchRun run(folder);
  const CheckpointFolder checkpoints(run.path());
  CheckpointWriter writer(checkpoints);
  std::vector<double> beside, alone;
  for (int i = -1; i < repeats; ++i) {
    double beside_s = 0, alone_s = 0;
    {
      const SecondsOf time(beside_s);
      writer.write(copy_of(*model, adam, 0), 1);
    }
    writer.finish();
    {
      const SecondsOf time(alone_s);
      write_checkpoint(checkpoints.path_of(0), copy_of(*model, adam, 0));
    }
    if (i < 0) continue;
    beside.push_back(beside_s);
    alone.push_back(alone_s);
  }
  std::printf("checkpoint of width %d, %d objects, %dx%d: %.1f MB in %s, %s\n", options.width, objects, size.width,
              size.height, static_cast<double>(fs::file_size(checkpoints.path_of(0))) / 1e6, folder.c_str(),
              device.str().c_str());
  std::printf("%-24s %9.5f s a save for which the fit waits\n", "written beside the fit", median(beside));
  std::printf("%-24s %9.5f s\n", "written by the fit", median(alone));
}

}  // namespace retime
