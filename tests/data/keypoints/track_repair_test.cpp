#include "data/keypoints/track_repair.hpp"

#include <gtest/gtest.h>

#include "data/keypoints/pose_similarity.hpp"
#include "data/keypoints/walking_body.hpp"

namespace retime {
namespace {

std::vector<CocoJoints> walk(int frames) {
  std::vector<CocoJoints> result;
  for (int t = 0; t < frames; ++t) result.push_back(test::walker(60, 120, 3, t));
  return result;
}

CocoJoints with_sides_exchanged(CocoJoints joints, std::size_t from = 0) {
  for (std::size_t i = from; i < kCocoJointCount; ++i)
    if (mirrored(i) > i) std::swap(joints[i], joints[mirrored(i)]);
  return joints;
}

void expect_same(const std::vector<CocoJoints>& a, const std::vector<CocoJoints>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t t = 0; t < a.size(); ++t)
    for (std::size_t i = 0; i < kCocoJointCount; ++i)
      EXPECT_EQ(a[t][i].x, b[t][i].x) << "frame " << t << " joint " << i;
}

TEST(UndoSwappedSides, AFewFramesAreMended) {
  auto frames = walk(40);
  for (const int t : {3, 12, 13, 14, 15})
    frames[static_cast<std::size_t>(t)] = with_sides_exchanged(frames[static_cast<std::size_t>(t)]);
  undo_swapped_sides(frames);
  expect_same(frames, walk(40));
}

TEST(UndoSwappedSides, LegsAloneAreMended) {
  auto frames = walk(40);
  for (std::size_t t = 37; t < 40; ++t) frames[t] = with_sides_exchanged(frames[t], kLeftHip);
  for (std::size_t t = 20; t < 25; ++t) frames[t] = with_sides_exchanged(frames[t], kLeftHip);
  undo_swapped_sides(frames);
  expect_same(frames, walk(40));
}

TEST(UndoSwappedSides, WhoTurnsRoundStaysTurned) {
  std::vector<CocoJoints> frames;
  for (int t = 0; t < 40; ++t) {
    auto joints = test::body_at(100, 120);
    const double width = std::cos(std::min(1.0, std::max(0, t - 15) / 10.0) * 3.14159);
    for (auto& joint : joints) joint.x = static_cast<float>(100 + (joint.x - 100) * width);
    frames.push_back(joints);
  }
  const auto before = frames;
  undo_swapped_sides(frames);
  expect_same(frames, before);
}

TEST(UndoSwappedSides, ALongExchangeIsNoMistakeOfAMoment) {
  auto frames = walk(60);
  for (std::size_t t = 20; t < 40; ++t) frames[t] = with_sides_exchanged(frames[t]);
  const auto before = frames;
  undo_swapped_sides(frames);
  expect_same(frames, before);
}

TEST(FillGaps, BetweenKnownFramesConfidenceFalls) {
  auto frames = walk(20);
  for (std::size_t t = 5; t < 10; ++t) frames[t] = {};
  frames[14][kLeftWrist] = {};
  fill_gaps(frames);
  for (std::size_t t = 5; t < 10; ++t) EXPECT_NEAR(frames[t][kLeftHip].x, walk(20)[t][kLeftHip].x, 0.01);
  EXPECT_FLOAT_EQ(frames[5][kLeftHip].confidence, 0.9F * 15 / 16);
  EXPECT_FLOAT_EQ(frames[7][kLeftHip].confidence, 0.9F * 13 / 16);
  EXPECT_FLOAT_EQ(frames[9][kLeftHip].confidence, 0.9F * 15 / 16);
  EXPECT_TRUE(frames[14][kLeftWrist].is_known()) << "single joints too";
}

TEST(FillGaps, LongGapsAndEndsStayOpen) {
  auto frames = walk(40);
  for (std::size_t t = 0; t < 40; ++t)
    if (t < 3 || (t >= 10 && t < 10 + kLongestGap + 1) || t >= 37) frames[t] = {};
  fill_gaps(frames);
  for (const std::size_t t : {0U, 10U, 25U, 39U}) EXPECT_EQ(known_joints_of(frames[t]), 0) << t;
}

TEST(RepairTracks, WhoIsSeenOnceIsNobody) {
  std::vector<KeypointTrack> tracks{{4, {test::body_at(50, 50)}}, {0, walk(2)}};
  repair_tracks(tracks);
  ASSERT_EQ(tracks.size(), 1U);
  EXPECT_EQ(tracks[0].frames.size(), 2U);
}

}  // namespace
}  // namespace retime
