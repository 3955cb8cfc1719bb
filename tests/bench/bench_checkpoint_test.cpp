#include "bench/bench_checkpoint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/temporary_folder.hpp"

namespace retime {
namespace {

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
