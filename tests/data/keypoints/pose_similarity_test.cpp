#include "data/keypoints/pose_similarity.hpp"

#include <gtest/gtest.h>

#include "data/keypoints/walking_body.hpp"

namespace retime {
namespace {

using test::body_at;

TEST(PoseSimilarity, FallsWithTheDistanceInSizesOfTheBody) {
  const auto body = body_at(100, 100);
  EXPECT_DOUBLE_EQ(pose_similarity(body, body), 1);
  const double near = pose_similarity(body, body_at(104, 100)), far = pose_similarity(body, body_at(120, 100));
  EXPECT_GT(near, 0.6);
  EXPECT_LT(far, 0.3);
  EXPECT_NEAR(pose_similarity(body_at(0, 0, 300), body_at(12, 0, 300)), near, 1e-3) << "the same in heights";
  EXPECT_GT(pose_similarity(body, body_at(120, 100), 3), far);
}

TEST(PoseSimilarity, ComparesWhatBothKnow) {
  auto half = body_at(100, 100);
  for (std::size_t i = kLeftHip; i < kCocoJointCount; ++i) half[i] = {};
  EXPECT_GT(pose_similarity(half, body_at(100, 100)), 0.9);
  CocoJoints two{};
  two[kNose] = half[kNose], two[kLeftEye] = half[kLeftEye];
  EXPECT_EQ(pose_similarity(two, half), 0);
  EXPECT_EQ(pose_similarity(CocoJoints{}, half), 0);
}

TEST(PoseSimilarity, WaysAreThoseOfJointsThatBothKnow) {
  auto to = moved_by(body_at(100, 100), {6, -2});
  to[kNose] = {};
  EXPECT_NEAR(mean_way(body_at(100, 100), to).x, 6, 1e-4);
  EXPECT_NEAR(mean_way(body_at(100, 100), to).y, -2, 1e-4);
  EXPECT_EQ(known_joints_of(to), 16);
  EXPECT_NEAR(body_height(body_at(100, 100, 200)) / body_height(body_at(100, 100, 100)), 2, 1e-3);
}

}  // namespace
}  // namespace retime
