#include "bench/step_bench.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/temporary_folder.hpp"

namespace retime {
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

}  // namespace

}  // namespace retime
