#include "bench/step_bench.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <numeric>

#include "bench/synthetic_scene.hpp"
#include "bench/tiny_bench.hpp"
#include "core/error.hpp"
#include "core/process.hpp"
#include "core/temporary_folder.hpp"

namespace retime::test {
namespace {

using ::testing::ContainsRegex;

TEST(NetworkStep, PrintsTheTimesOfBothNetworks) {
  const NetworkBench tiny{.width = 4,
                          .upsample_width = 4,
                          .upsample_crop = 32,
                          .image_width = 32,
                          .image_height = 32,
                          .layers = 1,
                          .repeats = 1};
  testing::internal::CaptureStdout();
  print_network_steps(tiny, c10::Device(c10::DeviceType::CPU));
  const std::string text = testing::internal::GetCapturedStdout();
  const std::string row = " +[0-9.]+ s per layer and frame +[0-9.]+x\n",
                    four = "float32" + row + "float32, channels last" + row + "bfloat16" + row +
                           "bfloat16, channels last" + row;
  EXPECT_THAT(text, ContainsRegex("renderer of width 4, 1 layers of 32x32, cpu\n" + four));
  EXPECT_THAT(text, ContainsRegex("upsampling network of width 4, 1 windows of 32x32, cpu\n" + four));
}

using ::testing::AllOf;
using ::testing::ContainsRegex;

TEST(BenchCheckpoint, PrintsTimesAndLeavesNothing) {
  const test::TemporaryFolder folder;
  ModelOptions options;
  options.width = 4;
  testing::internal::CaptureStdout();
  bench_checkpoint(options, {32, 32}, 1, torch::kCPU, folder.path(), 1);
  EXPECT_THAT(
      testing::internal::GetCapturedStdout(),
      AllOf(ContainsRegex("checkpoint of width 4, 1 objects, 32x32: [0-9.]+ MB"),
            ContainsRegex("written beside the fit +[0-9.]+ s"), ContainsRegex("written by the fit +[0-9.]+ s")));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(StepMeasurement, LeavesOutTheFastestAndTheSlowestQuarter) {
  std::vector<StepParts> steps;
  for (const double forward : {100.0, 1.0, 2.0, 4.0}) steps.push_back({0.5, forward, 0, 0, 0.25});
  const auto result = summarize_steps(steps);
  EXPECT_EQ(result.steps, 4);
  EXPECT_DOUBLE_EQ(result.part_s[1], 3) << "of 2 and 4";
  EXPECT_DOUBLE_EQ(result.step_s, 3.75);
  EXPECT_DOUBLE_EQ(result.min_s, 1.75);
  EXPECT_DOUBLE_EQ(result.max_s, 100.75);
  EXPECT_DOUBLE_EQ(summarize_steps({steps[0]}).step_s, 100.75) << "a single step counts";
}

TEST(SyntheticScene, IsAWholeScene) {
  const TemporaryFolder folder;
  SyntheticScene{{48, 32}, 3, 5}.write(folder.path() / "scene.h5");
  const SceneReader scene(folder.path() / "scene.h5");
  EXPECT_EQ(scene.info().frame_count, 5);
  EXPECT_EQ(scene.info().object_count(), 3);
  EXPECT_TRUE(scene.info().has_plate);
  EXPECT_TRUE(scene.info().has_mattes);
  for (const auto& presence : scene.presence())
    for (const auto present : presence) EXPECT_EQ(present, 1) << "all frames cost the same";
  std::vector<std::uint8_t> trimap(5 * 48 * 32);
  scene.read_trimap(2, 0, 5, trimap);
  EXPECT_GT(std::count(trimap.begin(), trimap.end(), 255), 5 * 20);
}

TEST(StepMeasurement, PartsOfOneRankAddUpToTheStep) {
  const TemporaryFolder folder;
  const auto start = std::chrono::steady_clock::now();
  const auto run = measure_scaling(tiny_bench(), ScalingMode::kStrong, 3, folder.path(), {});
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const auto& step = run.step;
  EXPECT_GE(step.steps, 4);
  EXPECT_LE(step.steps * step.min_s, took.count()) << "the steps are a part of the whole, in seconds";
  for (const auto part : {StepPart::kData, StepPart::kForward, StepPart::kBackward, StepPart::kOptimizer})
    EXPECT_GT(step.part_s[static_cast<std::size_t>(part)], 0) << kStepPartNames[static_cast<std::size_t>(part)];
  EXPECT_NEAR(std::accumulate(step.part_s.begin(), step.part_s.end(), 0.0), step.step_s, 1e-9);
  EXPECT_LE(step.min_s, step.step_s);
  EXPECT_GE(step.max_s, step.step_s);
  EXPECT_GT(step.gradient_bytes, 0);
  EXPECT_EQ(run.buckets, 0);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "scene and fit are gone";
}

TEST(StepMeasurement, ClearsUpAfterRunsThatWereKilled) {
  const TemporaryFolder folder;
  const std::string prefix = ".measuring_" + process_place() + "_";
  const auto dead = folder.path() / (prefix + "99999999"), other = folder.path() / ".measuring_elsewhere_99999999",
             living = folder.path() / (prefix + "1");
  for (const auto& path : {dead, other, living}) std::filesystem::create_directories(path / "fit");
  measure_scaling(tiny_bench(), ScalingMode::kWeak, 1, folder.path(), {});
  EXPECT_FALSE(std::filesystem::exists(dead));
  EXPECT_TRUE(std::filesystem::exists(other)) << "of another machine";
  EXPECT_TRUE(std::filesystem::exists(living));
}

TEST(StepMeasurement, RefusesASceneThatIsTooShort) {
  const TemporaryFolder folder;
  SyntheticScene{{48, 32}, 2, 4}.write(folder.path() / "scene.h5");
  auto setup = tiny_bench();
  setup.scene = folder.path() / "scene.h5";
  EXPECT_EQ(measure_scaling(setup, ScalingMode::kStrong, 4, folder.path(), {}).setup.scene,
            SceneReader(setup.scene).fingerprint());
  EXPECT_THROW(measure_scaling(setup, ScalingMode::kStrong, 5, folder.path(), {}), Error);
}

}  // namespace

}  // namespace retime::test
