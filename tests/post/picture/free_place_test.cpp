#include "post/picture/free_place.hpp"

#include <gtest/gtest.h>

namespace retime {
namespace {

constexpr int kWidth = 200, kHeight = 100;
const cv::Rect kWanted(50, 40, 60, 12);

cv::Rect placed(const std::vector<cv::Rect>& taken) { return free_place(kWanted, taken, {kWidth, kHeight}); }

TEST(FreePlace, IsWhereItIsWantedIfNothingLiesThere) {
  EXPECT_EQ(placed({}), kWanted);
  EXPECT_EQ(placed({{110, 40, 60, 12}, {50, 52, 60, 12}}), kWanted) << "beside it and below it";
}

TEST(FreePlace, ALabelGivesWayByAsLittleAsItCan) {
  EXPECT_EQ(placed({{80, 44, 60, 12}}), cv::Rect(50, 32, 60, 12)) << "up by 8 rather than down by 16";
  EXPECT_EQ(placed({{80, 36, 60, 12}}), cv::Rect(50, 48, 60, 12)) << "down by 8";
}

TEST(FreePlace, WhatIsInTheWayOfGivingWayIsPassedToo) {
  EXPECT_EQ(placed({{80, 44, 60, 12}, {20, 25, 60, 12}}), cv::Rect(50, 56, 60, 12));
}

TEST(FreePlace, StaysInThePicture) {
  const cv::Rect top(50, 2, 60, 12);
  EXPECT_EQ(free_place(top, {{50, 6, 60, 12}}, {kWidth, kHeight}), cv::Rect(50, 18, 60, 12)) << "no room above";
  EXPECT_EQ(free_place(top, {{50, 0, 60, kHeight}}, {kWidth, kHeight}), top) << "nothing is free";
}

}  // namespace
}  // namespace retime
