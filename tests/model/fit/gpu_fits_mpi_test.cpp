// Fits and layers on a GPU, held against those on the CPU. RETIME_GPU_TESTS_ON=cpu tries the tests themselves where
// there is no GPU: CPU against CPU.
#include <c10/cuda/CUDAFunctions.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>

#include "format/layers.hpp"
#include "model/fit/fit.hpp"
#include "model/fit/layer_task.hpp"
#include "model/fit/upsample_task.hpp"
#include "model/rank_fits.hpp"
#include "model/render/layer_renderer.hpp"

namespace retime::test {
namespace {

// A step's kernels add up in another order on a GPU, in no fixed one where textures are learned, and Adam makes the
// difference of a rounding as large as a step where gradients are near zero: losses stay near, single weights do not.
constexpr double kLosses = 5e-3, kLossesInBfloat16 = 5e-2;
// Layers of one and the same checkpoint, in levels of 255.
constexpr int kLargestDifference = 2;
constexpr double kMeanDifference = 0.05;

bool tries_on_cpu() {
  const char* device = std::getenv("RETIME_GPU_TESTS_ON");
  return device != nullptr && std::string(device) == "cpu";
}

struct GpuCase {
  const char* name;
  std::function<FitConfig()> config;
  double tolerance = kLosses;
};

FitConfig completion(int epochs) {
  auto config = tiny_config(epochs);
  config.model.layer_output = LayerOutputKind::kCompletion;
  return config;
}

FitConfig changed(FitConfig config, const std::function<void(FitConfig&)>& change) {
  change(config);
  return config;
}

void add_upsampling(FitConfig& config) {
  config.upsample.width = 4;
  config.upsample.crop = 48;
  config.upsample.epochs = 2;
}

class GpuFits : public RankFits, public testing::WithParamInterface<GpuCase> {
 protected:
  void SetUp() override {
    if (!tries_on_cpu() && torch::cuda::device_count() == 0) GTEST_SKIP() << "needs a GPU that every rank sees";
    if (ranks().size() > 1) GTEST_SKIP() << "one process is enough";
    at::globalContext().setAllowTF32CuDNN(false);
    at::globalContext().setAllowTF32CuBLAS(false);
  }
  static DeviceChoice gpu() { return tries_on_cpu() ? DeviceChoice::kCpu : DeviceChoice::kCuda; }
  void fit_on(DeviceChoice device, FitConfig config, const std::string& run) const {
    config.train.device = device;
    fit_scene(*scene_, config, path_ / run, {}, {{}, false});
  }
  void expect_near_metrics(const std::string& found, const std::string& expected, double tolerance) const {
    const auto lines = metrics_of(path_ / found), others = metrics_of(path_ / expected);
    ASSERT_EQ(lines.size(), others.size());
    for (std::size_t i = 0; i < others.size(); ++i)
      for (const auto& [name, value] : others[i].items())
        EXPECT_NEAR(lines[i].at(name).get<double>(), value.get<double>(),
                    tolerance * std::max(value.get<double>(), 0.01))
            << name << " in line " << i + 1;
  }
  void render_on(DeviceChoice device, const std::string& run, const std::string& file) const {
    RenderOptions options;
    options.device = device;
    options.show_progress = false;
    render_layers(RunFolder(path_ / run), path_ / file, options, Communicator());
  }
};

TEST_P(GpuFits, LossesAreThoseOfTheCpu) {
  const auto config = GetParam().config();
  fit_on(DeviceChoice::kCpu, config, "cpu");
  fit_on(gpu(), config, "gpu");
  expect_near_metrics("gpu", "cpu", GetParam().tolerance);
}

TEST_P(GpuFits, LayersOfOneCheckpointAreThoseOfTheCpu) {
  fit_on(DeviceChoice::kCpu, GetParam().config(), "run");
  render_on(DeviceChoice::kCpu, "run", "cpu.h5");
  render_on(gpu(), "run", "gpu.h5");
  const LayersReader expected(path_ / "cpu.h5"), found(path_ / "gpu.h5");
  double sum = 0;
  int largest = 0;
  std::size_t count = 0;
  Image a, b;
  for (int frame = 0; frame < expected.info().frame_count; ++frame)
    for (int layer = 0; layer < expected.info().layer_count(); ++layer) {
      expected.read(frame, layer, a);
      found.read(frame, layer, b);
      ASSERT_EQ(a.pixels.size(), b.pixels.size());
      for (std::size_t i = 0; i < a.pixels.size(); ++i) {
        const int difference = std::abs(int{a.pixels[i]} - int{b.pixels[i]});
        largest = std::max(largest, difference);
        sum += difference;
      }
      count += a.pixels.size();
    }
  std::printf("layers differ by %d levels at most, %.4f on average\n", largest, sum / static_cast<double>(count));
  EXPECT_LE(largest, kLargestDifference);
  EXPECT_LE(sum / static_cast<double>(count), kMeanDifference);
}

TEST_P(GpuFits, GoesOnFromItsCheckpoint) {
  auto config = GetParam().config();
  fit_on(gpu(), config, "whole");
  config.train.epochs = 1;
  const int upsample_epochs = std::exchange(config.upsample.epochs, 0);
  fit_on(gpu(), config, "halves");
  config = GetParam().config();
  config.upsample.epochs = upsample_epochs;
  fit_on(gpu(), config, "halves");
  expect_near_metrics("halves", "whole", GetParam().tolerance);
}

// Two steps of a task. With CUDA's watch over synchronisation set to an error, a copy that the host waits for throws.
void expect_no_wait(FitTask& task, const FitRanks& ranks) {
  TrainStep step(task.module(), task.groups(), ranks, {});
  const auto sampler = task.plan().sampler;
  const auto steps = sampler.epoch(0, 0, 1);
  task.begin_epoch(0, sampler.coming_frames(0, 0, 0, 1));
  const auto make = [&](std::size_t i) {
    step.make([&] { return task.loss({steps[i], {}}, 0); }, {static_cast<std::int64_t>(i), 1e-3, steps[i]});
  };
  make(0);  // allocates what lasts
  auto& watch = c10::cuda::warning_state();
  if (!tries_on_cpu()) watch.set_sync_debug_mode(c10::cuda::SyncDebugMode::L_ERROR);
  EXPECT_NO_THROW(make(1));
  watch.set_sync_debug_mode(c10::cuda::SyncDebugMode::L_DISABLED);
}

TEST_P(GpuFits, NoStepWaitsForTheDevice) {
  auto config = GetParam().config();
  config.train.device = gpu();
  const FitRanks ranks({}, config.train.device);
  if (config.upsample.epochs > 0) {
    config.upsample.epochs = 0;
    fit_on(gpu(), config, "layers");
    add_upsampling(config);
    UpsampleTask task(*scene_, config, newest_checkpoint(path_ / "layers"), ranks);
    return expect_no_wait(task, ranks);
  }
  LayerTask task(*scene_, config, ranks, {});
  task.observe_clip();
  expect_no_wait(task, ranks);
}

INSTANTIATE_TEST_SUITE_P(
    Configurations, GpuFits,
    testing::Values(
        GpuCase{"completion", [] { return completion(2); }}, GpuCase{"direct", [] { return tiny_config(2); }},
        GpuCase{"sync_batch",
                [] { return changed(completion(2), [](auto& c) { c.model.norm = NormKind::kSyncBatch; }); }},
        GpuCase{"released", [] { return released_config(2); }}, GpuCase{"patent", [] { return patent_config(2); }},
        GpuCase{"bf16", [] { return changed(completion(2), [](auto& c) { c.train.bf16 = true; }); }, kLossesInBfloat16},
        GpuCase{"streamed",
                [] { return changed(completion(2), [](auto& c) { c.train.cache_gib = 150e3 / (1 << 30); }); }},
        GpuCase{"upsampling", [] { return changed(completion(2), add_upsampling); }}),
    [](const auto& gpu_case) { return std::string(gpu_case.param.name); });

}  // namespace
}  // namespace retime::test
