#include <gtest/gtest.h>

#include "ranks.hpp"
#include "ranks/stop_signal.hpp"

namespace retime::test {
namespace {

TEST(StopSignal, SignalToOneRankStopsAll) {
  StopSignal stop;
  EXPECT_FALSE(stop.requested_anywhere(ranks()));
  if (ranks().rank() == 1) std::raise(SIGUSR2);
  EXPECT_TRUE(stop.requested_anywhere(ranks()));
  EXPECT_EQ(stop.requested(), ranks().rank() == 1);
  EXPECT_EQ(stop.reason(), "SIGUSR2");
}

TEST(StopSignal, TimeLimitOfOneRankStopsAll) {
  StopSignal stop({.max_seconds = ranks().rank() == 1 ? 1e-9 : 1000});
  EXPECT_TRUE(stop.requested_anywhere(ranks()));
  EXPECT_EQ(stop.reason(), "the time limit");
}

}  // namespace
}  // namespace retime::test
