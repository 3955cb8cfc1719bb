#include "bench/scaling_bench.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "bench/sample_runs.hpp"
#include "core/error.hpp"
#include "core/temporary_folder.hpp"

namespace retime::test {
namespace {

using ::testing::HasSubstr;

TEST(ScalingRun, SurvivesItsFile) {
  auto run = sample_run(ScalingMode::kWeak, 4, 0.123456789012345);
  run.oversubscribed = 1;
  const auto again = runs_from_csv(parse_csv_table(to_csv(runs_to_csv({run})), "memory"), "memory");
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].setup, run.setup);
  EXPECT_EQ(again[0].ranks, 4);
  EXPECT_EQ(again[0].oversubscribed, 1);
  EXPECT_EQ(again[0].step.step_s, run.step.step_s) << "all digits are kept";
  EXPECT_EQ(again[0].step.part_s, run.step.part_s);
  EXPECT_EQ(again[0].step.gradient_bytes, run.step.gradient_bytes);
  EXPECT_EQ(again[0].started, run.started);
}

TEST(ScalingRun, GlobalBatchFollowsTheMode) {
  EXPECT_EQ(sample_run(ScalingMode::kStrong, 4, 1).global_batch(), 8);
  EXPECT_EQ(sample_run(ScalingMode::kWeak, 4, 1).global_batch(), 8);
  EXPECT_EQ(sample_run(ScalingMode::kWeak, 3, 1).global_batch(), 6);
}

TEST(ScalingFolder, MergesTheFilesOfAllRuns) {
  const TemporaryFolder folder;
  const ScalingFolder runs(folder.path());
  EXPECT_THROW(runs.read(), Error) << "nothing was measured yet";
  runs.add({sample_run(ScalingMode::kWeak, 2, 0.2), sample_run(ScalingMode::kStrong, 2, 0.3)});
  runs.add({sample_run(ScalingMode::kStrong, 1, 0.5)});
  runs.add({sample_run(ScalingMode::kStrong, 1, 0.5)});
  EXPECT_EQ(runs.files().size(), 3U) << "each call leaves a file of its own";
  const auto all = runs.read();
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[0].setup.mode, ScalingMode::kStrong);
  EXPECT_EQ(all[0].ranks, 1);
  EXPECT_EQ(all[2].ranks, 2);
  EXPECT_EQ(all[3].setup.mode, ScalingMode::kWeak);
}

TEST(ScalingFolder, NamesADamagedFile) {
  const TemporaryFolder folder;
  const ScalingFolder runs(folder.path());
  runs.add({sample_run(ScalingMode::kWeak, 2, 0.2)});
  std::ofstream(folder.path() / "runs/other.csv") << "ranks,mode\n2,weak\n";
  try {
    runs.read();
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("other.csv has no column"));
  }
  auto text = to_csv(runs_to_csv({sample_run(ScalingMode::kWeak, 2, 0.25)}));
  text.replace(text.find("0.25"), 4, "fast");
  std::ofstream(folder.path() / "runs/other.csv") << text;
  try {
    runs.read();
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("other.csv has 'fast' as step_s"));
  }
}

}  // namespace
}  // namespace retime::test
