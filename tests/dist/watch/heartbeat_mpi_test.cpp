#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>
#include <vector>

#include "dist/watch/heartbeat.hpp"
#include "dist/watch/watchdog.hpp"
#include "ranks.hpp"

namespace retime::test {
namespace {

Beat beat_of_rank(int rank) {
  return Beat::of({"phase " + std::to_string(rank), 5, static_cast<std::uint64_t>(rank), Patience::kOrdinary});
}

TEST(HeartbeatExchange, ReachesRank0TheWatcherAndFromRank0All) {
  const int rank = ranks().rank(), size = ranks().size(), ward = (rank + 1) % size;
  HeartbeatExchange exchange(ranks(), ward);
  std::map<int, std::string> phases;
  const auto heard = [&](int from, const Beat& beat) { phases[from] = beat.phase; };
  for (int i = 0; i < 3; ++i) exchange.send(beat_of_rank(rank));
  while (!exchange.part(beat_of_rank(rank), heard)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  std::map<int, std::string> expected;
  for (int from = 0; from < size; ++from)
    if (from != rank && (rank == 0 || from == 0 || from == ward)) expected[from] = "phase " + std::to_string(from);
  EXPECT_EQ(phases, expected);
}

// Beats that nobody takes are left out, and none is told late, twice or out of order.
TEST(HeartbeatExchange, KeepsGoingWhileARankDoesNotListen) {
  constexpr std::uint64_t kBeats = 20000;
  const int rank = ranks().rank(), size = ranks().size();
  HeartbeatExchange exchange(ranks(), -1);
  std::map<int, std::vector<std::uint64_t>> told;
  const auto hear = [&](int from, const Beat& beat) { told[from].push_back(beat.progress); };
  Beat beat = beat_of_rank(rank);
  for (beat.progress = 1; beat.progress < kBeats; ++beat.progress) {
    exchange.send(beat);
    if (rank == 0) exchange.receive(hear);
  }
  while (!exchange.part(beat, hear)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(told.size(), rank == 0 ? static_cast<std::size_t>(size - 1) : 1U);
  for (const auto& [from, progress] : told) {
    EXPECT_EQ(progress.front(), 1U) << "the first beat of rank " << from;
    EXPECT_EQ(progress.back(), kBeats) << "the last beat of rank " << from;
    EXPECT_TRUE(std::is_sorted(progress.begin(), progress.end())) << "beats of rank " << from;
    EXPECT_LE(progress.size(), kBeats);
  }
}

TEST(Watchdog, GivesTheWordToOneRank) {
  Watchdog watchdog(ranks(), 100);
  EXPECT_EQ(ranks().all_reduce(watchdog.take_the_word() ? 1 : 0, Reduction::kSum), 1);
  EXPECT_FALSE(watchdog.take_the_word()) << "a second time";
}

TEST(Watchdog, GivesTheWordToTheOnlyOneWhoAsks) {
  const int last = ranks().size() - 1;
  Watchdog watchdog(ranks(), 100);
  const bool granted = ranks().rank() == last && watchdog.take_the_word();
  EXPECT_EQ(granted, ranks().rank() == last);
  ranks().barrier();
}

// Whoever is done first stays until the last is.
TEST(Watchdog, LetsRanksLeaveOneAfterTheOther) {
  const auto now_s = [] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  };
  for (const int first : {0, 1}) {
    double done_s = 0;
    {
      const Watchdog watchdog(ranks(), 100);
      if (ranks().rank() != first) std::this_thread::sleep_for(std::chrono::milliseconds(300));
      done_s = now_s();
    }
    const double left_s = now_s();
    EXPECT_GE(ranks().all_reduce(left_s, Reduction::kMin), ranks().all_reduce(done_s, Reduction::kMax));
  }
}

}  // namespace
}  // namespace retime::test
