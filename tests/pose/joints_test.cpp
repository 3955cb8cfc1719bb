#include "pose/joints.hpp"

#include <gtest/gtest.h>

namespace retime {
namespace {

// A body of 100 pixels that stands upright, its hips at (50, 60).
CocoJoints standing() {
  CocoJoints joints{};
  const auto put = [&](CocoJoint joint, float x, float y) { joints[joint] = {x, y, 1}; };
  put(kNose, 50, 14), put(kLeftShoulder, 59, 30), put(kRightShoulder, 41, 30);
  put(kLeftHip, 55, 60), put(kRightHip, 45, 60), put(kLeftKnee, 55, 83), put(kRightKnee, 45, 83);
  put(kLeftAnkle, 55, 105), put(kRightAnkle, 45, 105);
  return joints;
}

TEST(JointValues, ComeBackAsJoints) {
  auto second = standing();
  second[kRightAnkle] = {1.5F, -2, 0.25F};
  const std::vector<CocoJoints> joints{standing(), second};
  const auto values = joint_values(joints);
  ASSERT_EQ(values.size(), 2U * 17 * 3);
  EXPECT_FLOAT_EQ(values[17 * 3 + 16 * 3 + 1], -2);
  const auto back = joints_from_values(values);
  ASSERT_EQ(back.size(), 2U);
  EXPECT_FLOAT_EQ(back[1][kRightAnkle].x, 1.5F);
  EXPECT_FLOAT_EQ(back[1][kRightAnkle].confidence, 0.25F);
  EXPECT_FALSE(back[0][kLeftWrist].is_known());
}

TEST(CropAround, HoldsTheBodyAboutItsHips) {
  const auto crop = crop_around(standing());
  ASSERT_TRUE(crop);
  EXPECT_NEAR(crop->left + crop->side / 2, 50.5, 1e-9);
  EXPECT_NEAR(crop->top + crop->side / 2, 60.5, 1e-9);
  EXPECT_GT(crop->side, 115);
  EXPECT_LT(crop->side, 160);
}

TEST(CropAround, IsAboutAsLargeFromTheUpperBodyAlone) {
  CocoJoints upper = standing();
  for (const auto joint : {kLeftKnee, kRightKnee, kLeftAnkle, kRightAnkle}) upper[joint].confidence = 0;
  EXPECT_NEAR(crop_around(upper)->side, crop_around(standing())->side, 25);
}

TEST(CropAround, KnowsNothingFromOneJointOrOneSpot) {
  CocoJoints joints{};
  EXPECT_FALSE(crop_around(joints));
  joints[kNose] = {10, 10, 1};
  EXPECT_FALSE(crop_around(joints));
  joints[kLeftEye] = {10, 10, 1};
  EXPECT_FALSE(crop_around(joints));
}

TEST(JointsInCrop, TakesTheCropsCornersToThePictures) {
  CocoJoints joints{};
  joints[0] = {9.5F, 19.5F, 1};   // the corner, a border between pixels
  joints[1] = {49.5F, 59.5F, 1};  // the opposite one
  const auto scaled = joints_in_crop(joints, {10, 20, 40}, 128);
  EXPECT_FLOAT_EQ(scaled[0].x, -0.5F);
  EXPECT_FLOAT_EQ(scaled[0].y, -0.5F);
  EXPECT_FLOAT_EQ(scaled[1].x, 127.5F);
  EXPECT_FLOAT_EQ(scaled[1].y, 127.5F);
}

TEST(Joints, EveryJointIsMirroredTwiceToItself) {
  for (std::size_t i = 0; i < kCocoJointCount; ++i) EXPECT_EQ(mirrored(mirrored(i)), i);
  EXPECT_EQ(mirrored(kLeftKnee), kRightKnee);
}

}  // namespace
}  // namespace retime
