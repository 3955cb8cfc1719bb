#include "pose/joint_picture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace retime {
namespace {

constexpr int kSide = 48;

std::vector<float> drawn(const CocoJoints& joints) {
  std::vector<float> planes(static_cast<std::size_t>(kJointPlanes) * kSide * kSide, 7);
  draw_joints(joints, kSide, planes);
  return planes;
}

float at(const std::vector<float>& planes, std::size_t plane, int x, int y) {
  return planes[(plane * kSide + static_cast<std::size_t>(y)) * kSide + static_cast<std::size_t>(x)];
}

TEST(DrawJoints, UnknownJointsLeaveThePlanesEmpty) {
  const auto planes = drawn({});
  EXPECT_EQ(std::count(planes.begin(), planes.end(), 0.F), static_cast<std::ptrdiff_t>(planes.size()));
}

TEST(DrawJoints, ASpotIsAsBrightAsTheJointIsSure) {
  CocoJoints joints{};
  joints[kLeftKnee] = {20, 30, 0.5F};
  const auto planes = drawn(joints);
  EXPECT_FLOAT_EQ(at(planes, kLeftKnee, 20, 30), 0.5F);
  EXPECT_LT(at(planes, kLeftKnee, 21, 30), 0.5F);
  EXPECT_EQ(at(planes, kLeftKnee, 26, 30), 0);
  EXPECT_EQ(at(planes, kRightKnee, 20, 30), 0);
}

TEST(DrawJoints, ALimbIsAsBrightAsItsLessSureEnd) {
  CocoJoints joints{};
  joints[kLeftKnee] = {10, 10, 1};
  joints[kLeftAnkle] = {10, 40, 0.25F};
  const auto planes = drawn(joints);
  const auto limb = std::find(kCocoLimbs.begin(), kCocoLimbs.end(), std::pair(kLeftKnee, kLeftAnkle));
  const auto plane = kCocoJointCount + static_cast<std::size_t>(limb - kCocoLimbs.begin());
  EXPECT_FLOAT_EQ(at(planes, plane, 10, 25), 0.25F);
  EXPECT_EQ(at(planes, plane, 20, 25), 0);
}

TEST(DrawJoints, WhatLiesOutsideIsCutOff) {
  CocoJoints joints{};
  joints[kNose] = {-1e6F, 3e6F, 1};
  joints[kLeftEye] = {kSide - 0.5F, -0.5F, 1};
  const auto planes = drawn(joints);
  EXPECT_GT(at(planes, kLeftEye, kSide - 1, 0), 0.5F);
  for (const float value : planes) EXPECT_TRUE(value >= 0 && value <= 1);
}

}  // namespace
}  // namespace retime
