#include <gtest/gtest.h>

#include <csignal>

#include "dist/stop_agreement.hpp"
#include "ranks.hpp"

namespace retime::test {
namespace {

TEST(StopAgreement, AllRanksStopInTheCallAfterASignalToOne) {
  StopSignal stop;
  StopAgreement agreement(stop, ranks());
  for (int step = 0; step < 3; ++step) EXPECT_FALSE(agreement.reached()) << step;
  if (ranks().rank() == 1) std::raise(SIGUSR2);
  EXPECT_FALSE(agreement.reached());
  EXPECT_TRUE(agreement.reached());
  EXPECT_EQ(stop.requested(), ranks().rank() == 1);
  EXPECT_EQ(stop.reason(), "SIGUSR2");
}

TEST(StopAgreement, TheTimeLimitOfOneRankStopsAll) {
  StopSignal stop({.max_seconds = ranks().rank() == 1 ? 1e-9 : 1000});
  StopAgreement agreement(stop, ranks());
  EXPECT_FALSE(agreement.reached());
  EXPECT_TRUE(agreement.reached());
  EXPECT_EQ(stop.reason(), "the time limit");
}

TEST(StopAgreement, MayBeLeftAtAnyTime) {
  StopSignal stop;
  for (int calls = 0; calls < 3; ++calls) {
    StopAgreement agreement(stop, ranks());
    for (int step = 0; step < calls; ++step) EXPECT_FALSE(agreement.reached());
  }
  StopAgreement agreement(stop, ranks());
  for (int step = 0; step < 2; ++step) EXPECT_FALSE(agreement.reached()) << "nothing is left of those before";
}

}  // namespace
}  // namespace retime::test
