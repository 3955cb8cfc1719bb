#include "core/progress.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "core/error.hpp"
#include "core/log.hpp"

namespace retime {
namespace {

TEST(Progress, DurationsReadWell) {
  EXPECT_EQ(format_duration(0), "0 s");
  EXPECT_EQ(format_duration(-3), "0 s");
  EXPECT_EQ(format_duration(11.2), "12 s");
  EXPECT_EQ(format_duration(59), "59 s");
  EXPECT_EQ(format_duration(59.5), "1 min 00 s") << "never 60 s";
  EXPECT_EQ(format_duration(185), "3 min 05 s");
  EXPECT_EQ(format_duration(3599.5), "1 h 00 min");
  EXPECT_EQ(format_duration(7800), "2 h 10 min");
  EXPECT_EQ(format_duration(360'000), "100 h 00 min");
}

std::string printed(bool enabled, int steps) {
  testing::internal::CaptureStderr();
  {
    Progress progress("train", "epochs", 10, enabled);
    for (int i = 1; i <= steps; ++i) progress.update(i, "loss 0.5");
  }
  return testing::internal::GetCapturedStderr();
}

TEST(Progress, LastLineTellsTheTotalAndTheNote) {
  const auto text = printed(true, 10);
  EXPECT_NE(text.find("train 10/10 epochs"), std::string::npos) << text;
  EXPECT_NE(text.find("took"), std::string::npos) << text;
  EXPECT_NE(text.find("loss 0.5"), std::string::npos) << text;
}

TEST(Progress, StoppedStageTellsWhatIsLeft) {
  const auto text = printed(true, 4);
  EXPECT_NE(text.find("train 4/10 epochs"), std::string::npos) << text;
  EXPECT_NE(text.find(" left"), std::string::npos) << text;
}

// The rate, and so the time left, tells of the work of this process alone.
TEST(Progress, UnitsOfAnEarlierRunAndTheirTimeMakeNoRate) {
  const auto wait = [](double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); };
  testing::internal::CaptureStderr();
  {
    Progress progress("render", "frames", 1000);
    wait(0.3);
    progress.skip(980);
    wait(0.02);
    progress.update(990);
  }
  const auto text = testing::internal::GetCapturedStderr();
  const auto rate = text.rfind("frames, ");
  ASSERT_NE(rate, std::string::npos) << text;
  const double per_s = std::stod(text.substr(rate + std::string("frames, ").size()));
  EXPECT_GT(per_s, 10 / 0.3) << text;
  EXPECT_LE(per_s, 10 / 0.02) << text;
}

TEST(Progress, IsSilentWhenDisabledOrUnused) {
  EXPECT_EQ(printed(false, 10), "");
  EXPECT_EQ(printed(true, 0), "");
}

TEST(Log, RanksAboveZeroTellOnlyWarningsAndWhoTheyAre) {
  testing::internal::CaptureStderr();
  setup_logging("info", {.rank = 2, .world_size = 4});
  log_info("not told");
  log_warn("told");
  setup_logging("info");
  log_debug("not told");
  log_info("at root");
  const auto text = testing::internal::GetCapturedStderr();
  EXPECT_EQ(text.find("not told"), std::string::npos) << text;
  EXPECT_NE(text.find("[rank 2] told"), std::string::npos) << text;
  EXPECT_NE(text.find("info at root"), std::string::npos) << text;
}

TEST(Log, UnknownLevelIsAUsageError) { EXPECT_THROW(setup_logging("loud"), UsageError); }

}  // namespace
}  // namespace retime
