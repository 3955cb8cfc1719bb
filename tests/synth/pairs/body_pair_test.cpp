#include "synth/pairs/body_pair.hpp"

#include <gtest/gtest.h>

#include <set>

namespace retime::synth {
namespace {

constexpr int kPictureSide = 64;
constexpr JointNoise kExact{0, 0, 0, 0, 0};

int part_at(const Image& iuv, float x, float y) {
  const int column = static_cast<int>(std::lround(x)), row = static_cast<int>(std::lround(y));
  if (column < 0 || row < 0 || column >= iuv.size.width || row >= iuv.size.height) return -1;
  return iuv.row(row)[3 * column];
}

TEST(BodyPair, IsAFunctionOfSeedAndIndex) {
  const auto a = draw_body_pair(3, 5, kPictureSide, {}), b = draw_body_pair(3, 5, kPictureSide, {});
  EXPECT_EQ(a.iuv.pixels, b.iuv.pixels);
  EXPECT_EQ(a.joints[kNose].x, b.joints[kNose].x);
  EXPECT_NE(a.iuv.pixels, draw_body_pair(3, 6, kPictureSide, {}).iuv.pixels);
  EXPECT_NE(a.iuv.pixels, draw_body_pair(4, 5, kPictureSide, {}).iuv.pixels);
}

TEST(BodyPair, ExactJointsLieOnTheBodyAndItIsInThePicture) {
  int on_body = 0, joints = 0;
  std::set<int> parts;
  for (std::uint64_t i = 0; i < 40; ++i) {
    const auto pair = draw_body_pair(1, i, kPictureSide, kExact);
    for (const auto joint : {kLeftHip, kRightHip, kLeftKnee, kRightKnee, kLeftShoulder, kRightShoulder}) {
      ++joints;
      on_body += part_at(pair.iuv, pair.joints[joint].x, pair.joints[joint].y) > 0;
    }
    int border = 0;
    for (int k = 0; k < kPictureSide; ++k)
      for (const int p : {part_at(pair.iuv, k, 0), part_at(pair.iuv, k, kPictureSide - 1), part_at(pair.iuv, 0, k),
                          part_at(pair.iuv, kPictureSide - 1, k)})
        border += p > 0;
    EXPECT_LE(border, 6) << "pair " << i << " is cut off";
    for (std::size_t p = 0; p < pair.iuv.pixels.size(); p += 3) parts.insert(pair.iuv.pixels[p]);
  }
  EXPECT_GT(on_body, joints * 9 / 10);
  EXPECT_EQ(parts.size(), 25U) << "all parts are seen in some pair, and what is not the body";
}

TEST(NoisyJoints, AreDroppedAndMovedAsAsked) {
  CocoJoints joints;
  joints.fill({100, 100, 1});
  Random random(1);
  int unknown = 0;
  double moved = 0;
  constexpr int kDrawn = 400;
  for (int i = 0; i < kDrawn; ++i)
    for (const auto& joint :
         noisy_joints(joints, 100, {.spread = 0.02, .outliers = 0, .swaps = 0, .drop = 0.25, .drop_side = 0}, random)) {
      unknown += !joint.is_known();
      moved += (joint.x - 100) * (joint.x - 100);
      EXPECT_TRUE(!joint.is_known() || joint.confidence >= 0.5F);
    }
  EXPECT_NEAR(unknown / (17.0 * kDrawn), 0.25, 0.02);
  EXPECT_NEAR(std::sqrt(moved / (17.0 * kDrawn)), 2, 0.1);
}

TEST(NoisyJoints, AreLeftAloneWithoutNoise) {
  CocoJoints joints;
  for (std::size_t i = 0; i < joints.size(); ++i) joints[i] = {static_cast<float>(i), 2, 1};
  Random random(1);
  const auto same = noisy_joints(joints, 100, kExact, random);
  for (std::size_t i = 0; i < joints.size(); ++i) EXPECT_EQ(same[i].x, joints[i].x);
}

}  // namespace
}  // namespace retime::synth
