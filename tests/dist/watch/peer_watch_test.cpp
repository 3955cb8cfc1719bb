#include "dist/watch/peer_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace retime {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const WatchLimits kLimits{100, 10};
const std::vector<std::string> kHosts{"a", "a", "b"};

Beat beat(std::uint64_t progress, std::uint64_t collectives, const char* phase = "training step 17") {
  Beat result = Beat::of({phase, progress, collectives, Patience::kOrdinary});
  return result;
}

// Lets all ranks but `silent` tell the same again, once a second.
void let_pass(PeerWatch& watch, int seconds, int silent, const std::vector<Beat>& beats) {
  for (int s = 0; s < seconds; ++s) {
    for (int rank = 0; rank < static_cast<int>(beats.size()); ++rank)
      if (rank != silent) watch.heard(rank, beats[static_cast<std::size_t>(rank)]);
    watch.pass(1);
  }
}

TEST(PeerWatch, LimitsFollowTheRankTimeout) {
  EXPECT_EQ(WatchLimits::of(300).silence_s, 60);
  EXPECT_EQ(WatchLimits::of(20).silence_s, 20);
  EXPECT_EQ(WatchLimits::of(0).hang_s, 0);
}

TEST(PeerWatch, NamesTheRankThatDoesNotAnswer) {
  PeerWatch watch(0, kHosts, kLimits);
  const std::vector beats{beat(5, 5), beat(5, 5), beat(5, 5)};
  let_pass(watch, 3, -1, beats);
  let_pass(watch, 9, 2, beats);
  EXPECT_FALSE(watch.verdict());
  let_pass(watch, 3, 2, beats);
  EXPECT_THAT(watch.verdict().value(),
              AllOf(HasSubstr("rank 2 (host b, in the phase training step 17)"), HasSubstr("10 s")));
  EXPECT_THAT(watch.silent(), ElementsAre(2));
}

TEST(PeerWatch, NamesTheRankThatOthersWaitFor) {
  PeerWatch watch(0, kHosts, kLimits);
  const std::vector beats{beat(9, 8), beat(9, 7, "training step 16"), beat(9, 8)};
  let_pass(watch, 100, -1, beats);
  EXPECT_FALSE(watch.verdict());
  let_pass(watch, 2, -1, beats);
  EXPECT_THAT(watch.verdict().value(), HasSubstr("rank 1 (host a, in the phase training step 16), which keeps"));
}

TEST(PeerWatch, IsContentWhileAnyRankMakesProgress) {
  PeerWatch watch(0, kHosts, kLimits);
  for (std::uint64_t s = 0; s < 1000; ++s) {
    watch.heard(0, beat(s, 8));
    watch.heard(1, beat(9, 7));
    watch.heard(2, beat(9, 8));
    watch.pass(1);
    ASSERT_FALSE(watch.verdict()) << s;
  }
}

TEST(PeerWatch, LeavesTimeToPatientPhases) {
  PeerWatch watch(0, kHosts, kLimits);
  std::vector beats{beat(9, 8), beat(9, 7, "loading"), beat(9, 8)};
  beats[1].patient = 1;
  let_pass(watch, 600, -1, beats);
  EXPECT_FALSE(watch.verdict());
  let_pass(watch, 2, -1, beats);
  EXPECT_THAT(watch.verdict().value(), HasSubstr("600 s"));
}

TEST(PeerWatch, OtherRanksWatchOverRank0OneAfterTheOther) {
  PeerWatch first(1, kHosts, kLimits), second(2, kHosts, kLimits);
  for (auto* watch : {&first, &second}) watch->pass(10.7);
  EXPECT_THAT(first.verdict().value(), HasSubstr("rank 0 (host a, in the phase starting)"));
  EXPECT_FALSE(second.verdict());
  second.pass(1);
  EXPECT_TRUE(second.verdict());
}

TEST(PeerWatch, WhoHasLeftMayBeSilent) {
  PeerWatch watch(0, kHosts, kLimits);
  const std::vector beats{beat(5, 5), beat(5, 5), beat(5, 5)};
  Beat last = beats[2];
  last.leaving = 1;
  watch.heard(2, last);
  let_pass(watch, 50, 2, beats);
  EXPECT_FALSE(watch.verdict());
}

TEST(PeerWatch, WithoutLimitsItWaitsForever) {
  PeerWatch watch(0, kHosts, WatchLimits::of(0));
  watch.pass(1e9);
  EXPECT_FALSE(watch.verdict());
}

}  // namespace
}  // namespace retime
