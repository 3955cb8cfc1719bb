#include "data/keypoints/object_keypoints.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/keypoints/pose_similarity.hpp"
#include "data/keypoints/walking_body.hpp"

namespace retime {
namespace {

using test::walker;
using testing::ElementsAre;

constexpr int kCount = 40;
constexpr Size kFull{480, 240};

// A mask about a walker's body, as wide as the arms reach.
MaskTrack mask_of(const std::string& name, double x, double y, double speed) {
  MaskTrack track{name, {}};
  for (int t = 0; t < kCount; ++t) {
    cv::Mat mask = cv::Mat::zeros(kFull.height, kFull.width, CV_8U);
    mask(cv::Rect(cvRound(x + speed * t) - 22, cvRound(y) - 48, 44, 97)).setTo(255);
    track.frames.push_back(box_mask_from_full(mask));
  }
  return track;
}

KeypointTrack track_of(double x, double y, double speed, int first = 0, int last = kCount - 1) {
  KeypointTrack track{first, {}};
  for (int t = first; t <= last; ++t) track.frames.push_back(walker(x, y, speed, t));
  return track;
}

// Two that cross.
std::vector<MaskTrack> two_objects() { return {mask_of("left", 80, 110, 6), mask_of("right", 400, 114, -6)}; }

TEST(ObjectsOfTracks, EachGoesWhereItLiesOverAllFrames) {
  const std::vector<KeypointTrack> tracks{track_of(400, 114, -6), track_of(80, 110, 6), track_of(240, 200, 0)};
  EXPECT_THAT(objects_of_tracks(tracks, two_objects()), ElementsAre(1, 0, -1));
}

TEST(ObjectsOfTracks, FragmentsShareAnObject) {
  const std::vector<KeypointTrack> tracks{track_of(80, 110, 6, 0, 15), track_of(80, 110, 6, 22, 39)};
  EXPECT_THAT(objects_of_tracks(tracks, two_objects()), ElementsAre(0, 0));
}

TEST(ObjectsOfTracks, TracksOfTheWholeClipShareAnObjectWhereTheyAreNeverSeenTogether) {
  std::vector<KeypointTrack> tracks{track_of(80, 110, 6), track_of(80, 110, 6)};
  for (int t = 0; t < kCount; ++t)
    for (auto& joint : tracks[t < 20 ? 1 : 0].frames[static_cast<std::size_t>(t)]) joint.confidence = 0;
  EXPECT_THAT(objects_of_tracks(tracks, two_objects()), ElementsAre(0, 0));
}

TEST(ObjectsOfTracks, OfTwoInOnePlaceTheLongerStays) {
  const std::vector<KeypointTrack> tracks{track_of(82, 110, 6, 5, 20), track_of(80, 110, 6)};
  EXPECT_THAT(objects_of_tracks(tracks, two_objects()), ElementsAre(-1, 0));
}

TEST(JointsOfObjects, OfARemovedObjectNothingIsTold) {
  const auto told = [](const std::vector<MaskTrack>& removed) {
    testing::internal::CaptureStdout();
    joints_of_objects({track_of(80, 110, 6), track_of(400, 114, -6)}, {two_objects()[0]}, kCount, removed);
    return testing::internal::GetCapturedStdout();
  };
  EXPECT_THAT(told({}), testing::HasSubstr("left out: 1 track of keypoints in no object's masks"));
  EXPECT_THAT(told({two_objects()[1]}), testing::Not(testing::HasSubstr("left out")));
  EXPECT_THAT(told({mask_of("elsewhere", 240, 180, 0)}), testing::HasSubstr("left out"));
}

TEST(JointsOfObjects, ComeOutInPixelsOfTheFullSize) {
  RecordCollector collector;
  for (int t = 0; t < kCount; ++t) {
    if (t >= 10 && t < 14) continue;
    auto half = walker(80, 110, 6, t);
    for (auto& joint : half) joint.x = (joint.x + 0.5F) / 2 - 0.5F, joint.y = (joint.y + 0.5F) / 2 - 0.5F;
    collector.add_person(std::to_string(t) + ".jpg", {half});
  }
  auto records = collector.finish("poses.json");
  records.size = {kFull.width / 2, kFull.height / 2};
  const auto joints = joints_of_objects(people_of_clip(records, {kCount, {}, 0, kCount}, kFull), two_objects(), kCount);
  ASSERT_EQ(joints.size(), 2U);
  ASSERT_EQ(joints[0].size(), std::size_t{kCount});
  for (int t = 0; t < kCount; ++t) {
    const auto& hip = joints[0][static_cast<std::size_t>(t)][kLeftHip];
    EXPECT_NEAR(hip.x, walker(80, 110, 6, t)[kLeftHip].x, 0.05) << t;
    EXPECT_EQ(hip.confidence < 0.9F, t >= 10 && t < 14) << t;
    EXPECT_EQ(known_joints_of(joints[1][static_cast<std::size_t>(t)]), 0);
  }
}

}  // namespace
}  // namespace retime
