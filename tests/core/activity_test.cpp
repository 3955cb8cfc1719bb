#include "core/activity.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

#include "core/error.hpp"
#include "core/files.hpp"

namespace retime {
namespace {

TEST(Activity, InnerPhaseHidesTheOuterUntilItEnds) {
  Phase outer("outer", Patience::kLong);
  outer.at(3);
  {
    const Phase inner("inner");
    EXPECT_EQ(current_activity().phase, "inner");
    EXPECT_EQ(current_activity().patience, Patience::kOrdinary);
  }
  EXPECT_EQ(current_activity().phase, "outer 3");
  EXPECT_EQ(current_activity().patience, Patience::kLong);
}

TEST(Activity, ProgressGrowsWithNumbersAndCollectives) {
  Phase phase("phase");
  const auto before = current_activity();
  phase.at(1);
  note_collective();
  const auto after = current_activity();
  EXPECT_GT(after.progress, before.progress + 1);
  EXPECT_EQ(after.collectives, before.collectives + 1);
}

TEST(Activity, FailureKeepsThePhaseThatItLeft) {
  try {
    const Phase outer("outer");
    Phase inner("inner");
    inner.at(7);
    throw Error("failed");
  } catch (const Error&) {
  }
  EXPECT_EQ(phase_of_failure(), "inner 7");
}

TEST(FaultPoint, FailsAtItsStageOnly) {
  setenv("RETIME_FAULT_POINT", "throw:stage 2", 1);
  EXPECT_NO_THROW(fault_point("stage", 1));
  EXPECT_THROW(fault_point("stage", 2), Error);
  EXPECT_FALSE(fault_wanted("nan", "stage", 2));
  EXPECT_TRUE(fault_wanted("throw", "stage", 2));
  setenv("RETIME_FAULT_POINT", "kill:stage", 1);
  EXPECT_EXIT(fault_point("stage"), testing::KilledBySignal(SIGKILL), "");
  unsetenv("RETIME_FAULT_POINT");
  EXPECT_NO_THROW(fault_point("stage", 2));
}

}  // namespace
}  // namespace retime
