#include "core/progress.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <stdexcept>
#include <vector>

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/temporary_folder.hpp"

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

TEST(Progress, IsSilentWhenDisabledOrUnused) {
  EXPECT_EQ(printed(false, 10), "");
  EXPECT_EQ(printed(true, 0), "");
}

// A view whose time stands still until it is moved on.
struct FakeView {
  double now_s = 1000;
  std::vector<std::string> written;

  ProgressView view(bool is_terminal = false) {
    return {is_terminal, [this](const std::string& text) { written.push_back(text); }, [this] { return now_s; }};
  }
  int count(const std::string& text) const {
    int found = 0;
    for (const auto& line : written) found += line.find(text) != std::string::npos;
    return found;
  }
};

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Progress, SlowFirstUnitDoesNotSpoilTheTimeLeft) {
  FakeView fake;
  Progress progress("train", "epochs", 20, true, fake.view());
  fake.now_s += 60;
  progress.update(1);
  fake.now_s += 10;
  progress.update(2);
  EXPECT_THAT(fake.written.back(), HasSubstr("train 2/20 epochs, 0.1/s, 3 min 00 s left"));
}

TEST(Progress, BlocksCountWithAllTheirFrames) {
  FakeView fake;
  Progress progress("render", "frames", 36, true, fake.view());
  fake.now_s += 16;
  progress.update(8);
  EXPECT_THAT(fake.written.back(), HasSubstr("render 8/36 frames, 0.5/s, 56 s left"));
}

TEST(Progress, WhatWasKeptIsNoWork) {
  FakeView fake;
  Progress progress("render", "frames", 40, true, fake.view());
  progress.keep(16);
  fake.now_s += 1;
  progress.keep(8);
  fake.now_s += 8;
  progress.update(32);
  EXPECT_THAT(fake.written.back(), HasSubstr("render 32/40 frames, 1/s, 8 s left"));
}

TEST(Progress, FollowsARateThatChanges) {
  FakeView fake;
  Progress progress("train", "epochs", 100, true, fake.view());
  for (int i = 1; i <= 50; ++i) {
    fake.now_s += i <= 20 ? 1 : 6;
    progress.update(i);
  }
  EXPECT_THAT(fake.written.back(), HasSubstr("5 min 00 s left"));
}

TEST(Progress, TellsOfTheFirstUnitBeforeItIsDone) {
  FakeView fake;
  Progress progress("train", "epochs", 10, true, fake.view());
  for (int step = 1; step <= 4; ++step) {
    fake.now_s += 5;
    progress.within(0.1 * step);
  }
  ASSERT_EQ(fake.written.size(), 4U);
  EXPECT_THAT(fake.written.back(), HasSubstr("train 0/10 epochs, 0.02/s, 8 min 00 s left"));
}

TEST(Progress, LastLineComesOnce) {
  for (const bool is_terminal : {false, true}) {
    FakeView fake;
    {
      Progress progress("train", "epochs", 2, true, fake.view(is_terminal));
      for (int i = 1; i <= 2; ++i) {
        fake.now_s += 6;
        progress.update(i);
      }
      fake.now_s += 3;
      progress.update(2);
    }
    EXPECT_EQ(fake.count("took 12 s"), 1);
    EXPECT_EQ(fake.count("took"), 1);
  }
}

TEST(Progress, BarIsThereAtOnceAndFullAtTheEnd) {
  FakeView fake;
  {
    Progress progress("train", "epochs", 4, true, fake.view(true));
    ASSERT_EQ(fake.written.size(), 1U);
    EXPECT_THAT(fake.written[0], HasSubstr("[............................] train 0/4 epochs"));
    fake.now_s += 1;
    progress.update(1);
    EXPECT_THAT(fake.written.back(), HasSubstr("[#######....................."));
    progress.update(4);
  }
  EXPECT_THAT(fake.written.back(), HasSubstr("[############################] train 4/4"));
}

TEST(Progress, BarWithoutATotalComesFullAtTheEnd) {
  FakeView fake;
  {
    Progress progress("decode", "frames", 0, true, fake.view(true));
    fake.now_s += 2;
    progress.update(60);
    EXPECT_THAT(fake.written.back(), Not(HasSubstr("[.")));
  }
  EXPECT_THAT(fake.written.back(), HasSubstr("[############################] decode 60 frames, 30/s, took 2 s\n"));
}

TEST(Progress, BarWithoutATotalIsNotFullAfterAnError) {
  FakeView fake;
  try {
    Progress progress("decode", "frames", 0, true, fake.view(true));
    fake.now_s += 2;
    progress.update(60);
    throw std::runtime_error("damaged");
  } catch (const std::runtime_error&) {
  }
  EXPECT_THAT(fake.written.back(), Not(HasSubstr("[#")));
}

TEST(Progress, UnusedBarIsWipedAway) {
  FakeView fake;
  { const Progress progress("train", "epochs", 4, true, fake.view(true)); }
  EXPECT_EQ(fake.written.back(), "\r\033[K");
}

// Within a factor of two of the truth from the first tenth on, for costs as they occur.
TEST(Progress, TimeLeftHoldsFromTheFirstTenth) {
  for (const int slow_units : {0, 1, 2})
    for (const double slow_s : {1.0, 30.0}) {
      const auto cost_s = [&](int unit) { return (unit < slow_units ? slow_s : 1.0) * (1 + 0.3 * (unit % 3)); };
      WorkRate rate;
      for (int unit = 0; unit < 60; ++unit) {
        rate.add(1, cost_s(unit));
        if (unit < 6 || unit == 59) continue;
        double truth_s = 0;
        for (int later = unit + 1; later < 60; ++later) truth_s += cost_s(later);
        const double left_s = (59 - unit) / rate.per_s();
        EXPECT_LT(left_s, 2 * truth_s) << slow_units << " slow ones, unit " << unit;
        EXPECT_GT(2 * left_s, truth_s) << slow_units << " slow ones, unit " << unit;
      }
    }
}

TEST(WorkRate, StaysRightOverManyMarks) {
  WorkRate rate;
  EXPECT_EQ(rate.per_s(), 0);
  for (int i = 0; i < 10'000; ++i) rate.add(0.5, i < 4000 ? 1 : 0.25);
  EXPECT_NEAR(rate.per_s(), 2, 0.01);
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

TEST(ProgressFile, ProgressTellsOtherPrograms) {
  const test::TemporaryFolder folder;
  const auto file = folder / "progress.json";
  ::setenv("RETIME_PROGRESS_FILE", file.c_str(), 1);
  testing::internal::CaptureStderr();
  {
    Progress progress("train", "epochs", 4);
    const auto start = read_progress_file(file);
    ASSERT_TRUE(start);
    EXPECT_EQ(progress_text(*start), "train 0/4 epochs");
    EXPECT_LT(start->left_now_s(), 0) << "not known yet";
    for (int i = 1; i <= 4; ++i) progress.update(i);
    Progress silent("render", "frames", 9, false);
    silent.update(9);
  }
  ::unsetenv("RETIME_PROGRESS_FILE");
  Progress elsewhere("compose", "frames", 2);
  elsewhere.update(2);
  testing::internal::GetCapturedStderr();
  const auto end = read_progress_file(file);
  ASSERT_TRUE(end);
  EXPECT_EQ(progress_text(*end), "train 4/4 epochs") << "the last step is written whenever it comes";
  EXPECT_EQ(end->left_now_s(), 0);
  EXPECT_GT(end->written_s, 1.6e9);
  EXPECT_EQ(folder.entries(), 1) << "nothing is left beside it";
}

TEST(ProgressFile, TimeLeftRunsDown) {
  const test::TemporaryFolder folder;
  write_progress_file(folder / "p", {"train", "epochs", 1, 2, 1000});
  auto state = read_progress_file(folder / "p");
  ASSERT_TRUE(state);
  EXPECT_LE(state->left_now_s(), 1000);
  state->written_s -= 400;
  EXPECT_LE(state->left_now_s(), 600);
  state->written_s -= 4000;
  EXPECT_EQ(state->left_now_s(), 0);
}

TEST(ProgressFile, FaultsAreNobodysTrouble) {
  const test::TemporaryFolder folder;
  write_progress_file(folder / "none/p", {});
  EXPECT_FALSE(read_progress_file(folder / "none/p"));
  for (const char* text : {"", "{", "[]", "{\"stage\": 3}"}) {
    test::write_bytes(folder / "p", text);
    EXPECT_FALSE(read_progress_file(folder / "p")) << text;
  }
}

TEST(WorkRate, IsNotKnownBeforeThereIsWork) {
  WorkRate rate;
  EXPECT_EQ(rate.per_s(), 0);
  rate.add(0, 5);
  EXPECT_EQ(rate.per_s(), 0);
  rate.add(3, 0);
  EXPECT_EQ(rate.per_s(), 0) << "no time was taken";
}

TEST(WorkRate, IsThatOfTheMoreRecentHalf) {
  WorkRate rate;
  rate.add(1, 100);
  rate.add(1, 2);
  EXPECT_DOUBLE_EQ(rate.per_s(), 0.5) << "what the first unit took is left out";
  rate.add(2, 1);
  EXPECT_DOUBLE_EQ(rate.per_s(), 2);
  rate.add(0, 3);
  EXPECT_DOUBLE_EQ(rate.per_s(), 0.5) << "waiting counts";
}

}  // namespace

}  // namespace retime
