#include <gtest/gtest.h>

#include <numeric>

#include "ranks.hpp"

namespace retime::test {
namespace {

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
