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
  EXPECT_EQ(stop.reason(), "SIGUSR2");
}

TEST(StopAgreement, MayBeLeftAtAnyTime) {
  StopSignal stop;
  for (int calls = 0; calls < 3; ++calls) {
    StopAgreement agreement(stop, ranks());
    for (int step = 0; step < calls; ++step) EXPECT_FALSE(agreement.reached());
  }
  EXPECT_FALSE(stop.requested_anywhere(ranks()));
}

}  // namespace
}  // namespace retime::test
