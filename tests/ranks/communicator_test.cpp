#include "ranks/communicator.hpp"

#include <gtest/gtest.h>

#include <array>

namespace retime {
namespace {

TEST(Communicator, IsRankZeroOfOneWithoutMpi) {
  const Communicator alone;
  EXPECT_EQ(alone.rank(), 0);
  EXPECT_EQ(alone.size(), 1);
  EXPECT_EQ(alone.local_rank(), 0);
  EXPECT_EQ(alone.local_size(), 1);
  EXPECT_FALSE(alone.host().empty());
  EXPECT_EQ(alone.transport(), nullptr);
}

TEST(Communicator, CollectivesOfOneRankReturnWhatTheyGet) {
  const Communicator alone;
  std::array<double, 2> values{1.5, -2};
  alone.all_reduce(std::span<double>(values), Reduction::kSum);
  alone.broadcast(std::span<double>(values));
  alone.barrier();
  EXPECT_EQ(values, (std::array<double, 2>{1.5, -2}));
  EXPECT_EQ(alone.all_gather(7L), std::vector<long>{7});
  EXPECT_EQ(alone.broadcast("text"), "text");
  EXPECT_EQ(alone.gather("text"), std::vector<std::string>{"text"});
  EXPECT_EQ(alone.all_gather("text"), std::vector<std::string>{"text"});
}

}  // namespace
}  // namespace retime
