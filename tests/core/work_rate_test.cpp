#include "core/work_rate.hpp"

#include <gtest/gtest.h>

namespace retime {
namespace {

TEST(WorkRate, IsNotKnownBeforeThereIsWork) {
  WorkRate rate;
  EXPECT_EQ(rate.per_s(), 0);
  rate.add(0, 5);
  EXPECT_EQ(rate.per_s(), 0);
  rate.add(3, 0);
  EXPECT_EQ(rate.per_s(), 0) << "no time was taken";
}

TEST(WorkRate, IsThatOfTheMoreRecentHalf) {
  WorkRate rate;
  rate.add(1, 100);
  rate.add(1, 2);
  EXPECT_DOUBLE_EQ(rate.per_s(), 0.5) << "what the first unit took is left out";
  rate.add(2, 1);
  EXPECT_DOUBLE_EQ(rate.per_s(), 2);
  rate.add(0, 3);
  EXPECT_DOUBLE_EQ(rate.per_s(), 0.5) << "waiting counts";
}

}  // namespace
}  // namespace retime
