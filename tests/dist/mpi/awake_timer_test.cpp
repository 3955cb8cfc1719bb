#include "dist/mpi/awake_timer.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace retime {
namespace {

TEST(AwakeTimer, AddsUpWhatPasses) {
  AwakeTimer timer;
  for (int i = 0; i < 10; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    timer.elapsed();
  }
  EXPECT_GE(timer.elapsed(), std::chrono::milliseconds(100));
}

TEST(AwakeTimer, ALongPauseIsTakenForASuspendedProcess) {
  AwakeTimer timer;
  std::this_thread::sleep_for(AwakeTimer::kLongestPause + std::chrono::milliseconds(300));
  EXPECT_EQ(timer.elapsed(), AwakeTimer::kLongestPause);
}

}  // namespace
}  // namespace retime
