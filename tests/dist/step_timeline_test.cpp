#include "dist/step_timeline.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "core/error.hpp"

namespace retime::test {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

constexpr double kPause_s = 0.005;

void pause() { std::this_thread::sleep_for(std::chrono::duration<double>(kPause_s)); }

void step() {
  const StepPartScope whole(StepPart::kData);
  pause();
  enter_step_part(StepPart::kForward);
  {
    const StepPartScope waiting(StepPart::kCommunication);
    pause();
  }
  pause();
  enter_step_part(StepPart::kBackward);
  note_bucket(100);
  note_bucket(50);
  pause();
  enter_step_part(StepPart::kCommunication);
  pause();
  enter_step_part(StepPart::kOptimizer);
  pause();
}

TEST(StepTimeline, NothingHappensWithoutOne) {
  EXPECT_EQ(enter_step_part(StepPart::kData), StepPart::kOutside);
  EXPECT_EQ(enter_step_part(StepPart::kForward), StepPart::kOutside) << "it does not remember";
  note_bucket(1);
}

TEST(StepTimeline, PartsFollowEachOtherAndAddUpToTheStep) {
  const StepTimeline timeline(c10::kCPU);
  const auto start = Clock::now();
  step();
  const double first_s = since(start);
  pause();
  step();
  const auto records = timeline.records();
  ASSERT_EQ(records.size(), 2U);
  // A pause never is shorter than it should be: by these the parts are told apart, on a busy machine too.
  const double expected_s[] = {kPause_s, kPause_s, kPause_s, 2 * kPause_s, kPause_s};
  for (std::size_t part = 0; part < kStepParts; ++part)
    EXPECT_GE(records[0].part_s[part], expected_s[part]) << kStepPartNames[part];
  EXPECT_LE(records[0].total_s(), first_s) << "time outside of steps does not count";
  EXPECT_EQ(records[1].bucket_bytes, (std::vector<std::int64_t>{100, 50}));
}

TEST(StepTimeline, IgnoresWhatHappensBetweenSteps) {
  const StepTimeline timeline(c10::kCPU);
  {
    const StepPartScope waiting(StepPart::kCommunication);
    note_bucket(7);
  }
  EXPECT_TRUE(timeline.records().empty());
  step();
  { const StepPartScope waiting(StepPart::kCommunication); }
  EXPECT_EQ(timeline.records().size(), 1U);
  EXPECT_EQ(timeline.records()[0].bucket_bytes.size(), 2U);
}

TEST(StepTimeline, AStepThatIsLeftByAnExceptionEnds) {
  const StepTimeline timeline(c10::kCPU);
  try {
    const StepPartScope whole(StepPart::kData);
    enter_step_part(StepPart::kForward);
    throw 1;
  } catch (int) {
  }
  EXPECT_EQ(timeline.records().size(), 1U);
}

TEST(StepTimeline, OneAtATime) {
  const StepTimeline timeline(c10::kCPU);
  EXPECT_THROW(StepTimeline(c10::kCPU), Error);
  step();
  EXPECT_EQ(timeline.records().size(), 1U) << "the refused one leaves the first alone";
}

}  // namespace
}  // namespace retime::test
