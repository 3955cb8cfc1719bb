#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <thread>

#include "dist/heartbeat.hpp"
#include "dist/watchdog.hpp"
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

TEST(HeartbeatExchange, KeepsGoingWhileARankDoesNotListen) {
  const int rank = ranks().rank();
  HeartbeatExchange exchange(ranks(), -1);
  const auto ignore = [](int, const Beat&) {};
  for (int i = 0; i < 20000; ++i) {
    exchange.send(beat_of_rank(rank));
    if (rank == 0) exchange.receive(ignore);
  }
  while (!exchange.part(beat_of_rank(rank), ignore)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
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

TEST(Watchdog, LetsRanksLeaveOneAfterTheOther) {
  for (const int first : {0, 1}) {
    const Watchdog watchdog(ranks(), 100);
    if (ranks().rank() != first) std::this_thread::sleep_for(std::chrono::milliseconds(300));
  }
}

}  // namespace
}  // namespace retime::test
