#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <numeric>
#include <thread>

#include "ranks.hpp"
#include "ranks/communicator.hpp"

namespace retime::test {
namespace {

template <class T>
class CommunicatorNumbers : public testing::Test {};
using Numbers = testing::Types<float, double, std::int8_t, std::uint8_t, std::int32_t, std::uint32_t, std::int64_t,
                               std::uint64_t, long long, char>;
TYPED_TEST_SUITE(CommunicatorNumbers, Numbers);

TYPED_TEST(CommunicatorNumbers, AllReduceJoinsElementByElement) {
  const auto rank = static_cast<TypeParam>(ranks().rank());
  const auto size = static_cast<TypeParam>(ranks().size());
  std::vector<TypeParam> values{rank, TypeParam(1)};
  ranks().all_reduce(std::span<TypeParam>(values), Reduction::kSum);
  EXPECT_EQ(values[0], static_cast<TypeParam>(size * (size - 1) / 2));
  EXPECT_EQ(values[1], size);
  EXPECT_EQ(ranks().all_reduce(rank, Reduction::kMin), TypeParam(0));
  EXPECT_EQ(ranks().all_reduce(rank, Reduction::kMax), static_cast<TypeParam>(size - 1));
}

TYPED_TEST(CommunicatorNumbers, BroadcastTakesTheValuesOfTheRoot) {
  const int root = ranks().size() - 1;
  std::vector<TypeParam> values(3, static_cast<TypeParam>(ranks().rank() + 10));
  ranks().broadcast(std::span<TypeParam>(values), root);
  EXPECT_EQ(values, std::vector<TypeParam>(3, static_cast<TypeParam>(root + 10)));
}

TEST(CommunicatorRanks, AreDistinctAndLocalRanksFitTheNode) {
  const auto all = ranks().all_gather(ranks().rank());
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], static_cast<int>(i));
  const auto hosts = ranks().all_gather(ranks().host());
  EXPECT_EQ(ranks().local_size(), std::count(hosts.begin(), hosts.end(), ranks().host()));
  EXPECT_LT(ranks().local_rank(), ranks().local_size());
}

TEST(CommunicatorTexts, GatherKeepsOrderAndEmptyTexts) {
  const std::string mine(static_cast<std::size_t>(ranks().rank()) * 3, static_cast<char>('a' + ranks().rank()));
  const auto everywhere = ranks().all_gather(mine);
  const auto on_root = ranks().gather(mine);
  ASSERT_EQ(everywhere.size(), static_cast<std::size_t>(ranks().size()));
  EXPECT_EQ(everywhere[0], "");
  EXPECT_EQ(everywhere[1], "bbb");
  EXPECT_EQ(on_root, ranks().is_root() ? everywhere : std::vector<std::string>{});
}

TEST(CommunicatorTexts, BroadcastNeedsNoLengthInAdvance) {
  EXPECT_EQ(ranks().broadcast(ranks().is_root() ? std::string(5000, 'x') : "ignored"), std::string(5000, 'x'));
  EXPECT_EQ(ranks().broadcast(ranks().rank() == 1 ? "" : "ignored", 1), "");
}

TEST(CommunicatorTexts, CopiesShareTheCommunicator) {
  const Communicator copy = ranks();
  copy.barrier();
  EXPECT_EQ(copy.all_reduce(1, Reduction::kSum), ranks().size());
}

/// Time of a core that this thread takes for `call` when rank 0 comes late to it, as a share of the time that passes.
template <class Call>
double share_of_a_core(const Call& call) {
  constexpr double kLate_s = 0.5;
  ranks().barrier();
  if (ranks().is_root()) std::this_thread::sleep_for(std::chrono::duration<double>(kLate_s));
  timespec before{}, after{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
  call();
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
  const double used_s =
      static_cast<double>(after.tv_sec - before.tv_sec) + static_cast<double>(after.tv_nsec - before.tv_nsec) / 1e9;
  return used_s / kLate_s;
}

TEST(CommunicatorWaits, LeaveTheCoreToOthers) {
  EXPECT_LT(share_of_a_core([] { ranks().barrier(); }), 0.5);
  EXPECT_LT(share_of_a_core([] { ranks().all_reduce(1, Reduction::kSum); }), 0.5);
  EXPECT_LT(share_of_a_core([] { ranks().broadcast("text"); }), 0.5);
  EXPECT_LT(share_of_a_core([] { ranks().all_gather(std::string("text")); }), 0.5);
  EXPECT_LT(share_of_a_core([] { ranks().gather("text"); }), 0.5);
}

std::vector<std::uint8_t> message(int rank, int number, std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  std::iota(bytes.begin(), bytes.end(), static_cast<std::uint8_t>(31 * rank + number));
  return bytes;
}

// Sizes on both sides of the one up to which MPI sends a message ahead of its receiver.
std::size_t size_of(int number) { return number % 3 == 0 ? 0 : number % 3 == 1 ? 100 : 300000; }

TEST(ByteChannel, MessagesOfEachRankArriveWholeAndInOrder) {
  constexpr int kMessages = 9;
  const auto channel = ranks().open_channel(2);
  if (!ranks().is_root())
    for (int i = 0; i < kMessages; ++i) channel->send(0, i, message(ranks().rank(), i, size_of(i)));
  std::vector<std::uint8_t> bytes;
  for (int source = ranks().size() - 1; source > 0 && ranks().is_root(); --source)
    for (int i = 0; i < kMessages; ++i) {
      EXPECT_EQ(channel->receive(source, bytes), i);
      EXPECT_EQ(bytes, message(source, i, size_of(i)));
    }
}

TEST(ByteChannel, ASenderWaitsWhenTooManyMessagesAreUnderWay) {
  constexpr std::size_t kMost = 2;
  const auto channel = ranks().open_channel(kMost), signal = ranks().open_channel(1);
  std::vector<std::uint8_t> bytes;
  if (ranks().rank() == 1) {
    for (std::uint8_t i = 0; i < kMost; ++i) channel->send(0, 0, std::vector{i});  // returns though nobody receives
    signal->send(0, 1, {});
    channel->send(0, 0, message(1, 2, 10));  // waits for rank 0
    channel->flush();
  } else if (ranks().is_root()) {
    EXPECT_EQ(signal->receive(1, bytes), 1);
    for (std::size_t i = 0; i <= kMost; ++i) EXPECT_EQ(channel->receive(1, bytes), 0);
    EXPECT_EQ(bytes, message(1, 2, 10));
  }
}

}  // namespace

}  // namespace retime::test
