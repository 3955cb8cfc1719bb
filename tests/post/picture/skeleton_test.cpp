#include "post/picture/skeleton.hpp"

#include <gtest/gtest.h>

namespace retime {
namespace {

int red_at(const Image& rgb, int x, int y) { return rgb.row(y)[3 * x]; }

TEST(DrawSkeleton, JoinsWhatIsKnown) {
  Image rgb({100, 80}, 3);
  CocoJoints joints{};
  joints[kLeftShoulder] = {20, 20, 1}, joints[kLeftElbow] = {60, 20, 1}, joints[kLeftWrist] = {60, 60, 0.05F};
  draw_skeleton(rgb, joints, {200, 100, 0});
  EXPECT_GT(red_at(rgb, 40, 20), 150);
  EXPECT_NEAR(rgb.row(20)[3 * 40 + 1], red_at(rgb, 40, 20) / 2, 1);
  EXPECT_EQ(red_at(rgb, 60, 40), 0) << "its end is hardly known";
  EXPECT_EQ(red_at(rgb, 0, 0), 0);
}

TEST(DrawSkeleton, WhatIsLessSureIsFainter) {
  Image rgb({100, 80}, 3);
  CocoJoints joints{};
  joints[kLeftHip] = {20, 20, 1}, joints[kLeftKnee] = {60, 20, 0.5F};
  draw_skeleton(rgb, joints, {200, 0, 0});
  EXPECT_LT(red_at(rgb, 40, 20), 150);
  EXPECT_GT(red_at(rgb, 40, 20), 50);
}

TEST(DrawSkeleton, StaysInThePicture) {
  Image rgb({20, 20}, 3);
  CocoJoints joints{};
  joints[kLeftHip] = {-500, -30, 1}, joints[kLeftKnee] = {4000, 900, 1}, joints[kNose] = {19.6F, 19.6F, 1};
  draw_skeleton(rgb, joints, {200, 0, 0});
  EXPECT_GT(red_at(rgb, 19, 19), 100);
}

}  // namespace
}  // namespace retime
