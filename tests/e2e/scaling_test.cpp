// `retime bench scaling` and `retime bench allreduce`, through the program.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/temporary_folder.hpp"
#include "e2e/program.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Scaling : public ::testing::Test {
 protected:
  std::string command(const std::string& word, const std::string& more = "") const {
    return "bench " + word + " -o " + folder_.path().string() + more;
  }
  static std::string tiny(const std::string& more = "") {
    return " --width 4 --image-width 48 --image-height 32 --device cpu" + more;
  }
  std::string text_of(const std::string& file) const {
    return run_shell("cat " + (folder_.path() / file).string()).output;
  }

  test::TemporaryFolder folder_;
};

TEST_F(Scaling, RunsOfSeveralJobsMakeOneReportAndAProjection) {
  const std::string steps = tiny(" --steps 3 --warmup 1 --batch-frames 2 --frames-per-rank 1");
  const auto one = run_retime(command("scaling", steps));
  ASSERT_EQ(one.exit_code, 0) << one.output;
  const auto two = run_ranks(2, command("scaling", steps));
  ASSERT_EQ(two.exit_code, 0) << two.output;
  EXPECT_THAT(two.output, HasSubstr("strong scaling, 2 frames a step over all ranks"));
  EXPECT_THAT(two.output, HasSubstr("weak scaling, 1 frame a step on each rank"));
  EXPECT_THAT(text_of("scaling.csv"), HasSubstr("strong,2,"));
  EXPECT_THAT(text_of("scaling.md"), HasSubstr("| 2 |"));
  EXPECT_THAT(text_of("scaling.svg"), HasSubstr("</svg>"));
  EXPECT_EQ(run_shell("ls -A " + folder_.path().string()).output, "runs\nscaling.csv\nscaling.md\nscaling.svg\n");

  EXPECT_EQ(run_retime(command("scaling", " --project")).exit_code, 1) << "no all-reduce was measured";
  const auto sums = run_ranks(2, command("allreduce", tiny(" --rounds 7 --iterations 2 --max-bytes 16777216")));
  ASSERT_EQ(sums.exit_code, 0) << sums.output;
  EXPECT_THAT(sums.output, HasSubstr("bucket"));
  EXPECT_THAT(sums.output, HasSubstr("#wrong"));
  EXPECT_THAT(sums.output, HasSubstr("Out of bounds values : 0 OK"));
  const auto projection = run_retime(command("scaling", " --project --gpus 4,64"));
  EXPECT_EQ(projection.exit_code, 0) << projection.output;
  EXPECT_THAT(projection.output, HasSubstr("PROJECTION, not a measurement"));
  EXPECT_THAT(projection.output, HasSubstr("No GPU was measured"));
  EXPECT_THAT(text_of("projection.md"), HasSubstr("| 64 |"));
}

TEST_F(Scaling, LaunchStartsTheRanksItself) {
  const auto result = run_retime(command("scaling", tiny(" --launch 1,2 --rounds 1 --steps 2 --warmup 1 --mode weak "
                                                         "--launcher " RETIME_MPIEXEC)));
  ASSERT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("round 1 of 1: 2 ranks"));
  EXPECT_EQ(run_shell("ls " + (folder_.path() / "runs").string() + " | wc -l").output, "2\n");
  const auto report = run_retime(command("scaling", " --report"));
  EXPECT_THAT(report.output, HasSubstr("weak scaling, 2 frames a step on each rank"));
  EXPECT_THAT(report.output, Not(HasSubstr("strong")));
}

TEST_F(Scaling, WrongUsageIsTold) {
  EXPECT_EQ(run_retime("bench scaling").exit_code, 2) << "no folder";
  EXPECT_THAT(run_retime("bench scalign").output, HasSubstr("did you mean 'scaling'"));
  EXPECT_EQ(run_retime(command("allreduce", tiny())).exit_code, 2) << "one rank";
  EXPECT_EQ(run_ranks(2, command("scaling", tiny(" --launch 1"))).exit_code, 2) << "ranks within ranks";
  EXPECT_EQ(run_ranks(2, command("scaling", tiny(" --batch-frames 1"))).exit_code, 2) << "fewer frames than ranks";
  EXPECT_EQ(run_retime(command("scaling", " --launch 1.5")).exit_code, 2);
  EXPECT_EQ(run_retime(command("scaling", " --report")).exit_code, 1) << "nothing to report";
  EXPECT_EQ(run_retime(command("scaling", tiny(" --launch 2 --launcher false"))).exit_code, 1);
}

TEST(Bench, ThePlainWordStillTimesTheNetworks) {
  const std::string small = " --width 4 --upsample-width 4 --image-width 32 --image-height 32 --layers 1 --repeats 1";
  for (const char* word : {"bench", "bench step"}) {
    const auto result = run_retime(word + small);
    EXPECT_EQ(result.exit_code, 0) << result.output;
    EXPECT_THAT(result.output, HasSubstr("renderer of width 4"));
  }
}

}  // namespace
}  // namespace retime
