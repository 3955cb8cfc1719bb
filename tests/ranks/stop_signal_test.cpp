#include "ranks/stop_signal.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>

#include "core/error.hpp"

namespace retime {
namespace {

/// What a job of one process agrees on.
bool agrees(StopSignal& stop) { return stop.agree(stop.local_code()); }

TEST(StopSignal, NothingIsRequestedAtFirst) {
  StopSignal stop;
  EXPECT_FALSE(stop.requested());
  EXPECT_FALSE(agrees(stop));
  EXPECT_EQ(stop.reason(), "");
}

TEST(StopSignal, EachSignalSetsTheFlagAndNamesItself) {
  const std::pair<int, const char*> cases[] = {{SIGTERM, "SIGTERM"}, {SIGUSR2, "SIGUSR2"}, {SIGINT, "SIGINT"}};
  for (const auto& [number, name] : cases) {
    StopSignal stop;
    std::raise(number);
    EXPECT_TRUE(agrees(stop));
    EXPECT_EQ(stop.reason(), name);
  }
}

TEST(StopSignal, SecondInterruptEndsTheProcess) {
  const auto interrupt_twice = [] {
    const StopSignal stop;
    std::raise(SIGINT);
    std::raise(SIGINT);
  };
  EXPECT_EXIT(interrupt_twice(), testing::KilledBySignal(SIGINT), "");
}

TEST(StopSignal, RestoresTheFormerHandlers) {
  { const StopSignal stop; }
  EXPECT_EXIT(std::raise(SIGTERM), testing::KilledBySignal(SIGTERM), "");
}

TEST(StopSignal, SignalsOnTheWayOutAreHarmless) {
  const auto stop_and_get_more = [] {
    try {
      StopSignal stop;
      std::raise(SIGTERM);
      if (agrees(stop)) throw Stopped("stopped");
    } catch (const Stopped&) {
    }
    std::raise(SIGTERM);
    std::raise(SIGUSR2);
    std::exit(kExitSaved);
  };
  EXPECT_EXIT(stop_and_get_more(), testing::ExitedWithCode(kExitSaved), "");
}

TEST(StopSignal, IsOneAtATime) {
  const StopSignal first;
  EXPECT_THROW(StopSignal second, Error);
}

TEST(StopSignal, TimeLimitPasses) {
  EXPECT_FALSE(StopSignal({.max_seconds = 10000}).requested());
  StopSignal stop({.max_seconds = 1e-9});
  EXPECT_TRUE(agrees(stop));
  EXPECT_EQ(stop.reason(), "the time limit");
}

TEST(StopSignal, StopsBeforeTheJobEnds) {
  const auto now_s =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  setenv("SLURM_JOB_END_TIME", std::to_string(now_s + 10000).c_str(), 1);
  EXPECT_FALSE(StopSignal({.job_end_margin_s = 5000}).requested());
  EXPECT_TRUE(StopSignal({.job_end_margin_s = 15000}).requested());
  EXPECT_FALSE(StopSignal().requested());
  unsetenv("SLURM_JOB_END_TIME");
}

}  // namespace
}  // namespace retime
