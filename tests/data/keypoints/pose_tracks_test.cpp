#include "data/keypoints/pose_tracks.hpp"

#include <gtest/gtest.h>

#include "data/keypoints/pose_similarity.hpp"
#include "data/keypoints/walking_body.hpp"

namespace retime {
namespace {

using test::walker;

using Frames = std::vector<std::vector<FoundPerson>>;

// Whether all poses of a track are that walker's; unknown ones do not count.
void expect_walker(const KeypointTrack& track, double x, double speed, double y = 120) {
  for (std::size_t i = 0; i < track.frames.size(); ++i) {
    if (known_joints_of(track.frames[i]) == 0) continue;
    const int frame = track.first_frame + static_cast<int>(i);
    EXPECT_NEAR(track.frames[i][kLeftHip].x, walker(x, y, speed, frame)[kLeftHip].x, 1e-3) << "frame " << frame;
  }
}

// Two walk towards each other and past, at slightly different heights in the picture.
Frames crossing(int frames, int hidden_from = 0, int hidden_to = 0) {
  Frames result(static_cast<std::size_t>(frames));
  for (int t = 0; t < frames; ++t) {
    auto& people = result[static_cast<std::size_t>(t)];
    people.push_back({walker(60, 120, 5, t)});
    if (t < hidden_from || t >= hidden_to) people.push_back({walker(360, 124, -5, t)});
    if (t % 2 == 1) std::reverse(people.begin(), people.end());
  }
  return result;
}

TEST(FollowPeople, WhoCrossesStaysWhoTheyAre) {
  const auto tracks = follow_people(crossing(60));
  ASSERT_EQ(tracks.size(), 2U);
  EXPECT_EQ(tracks[0].frames.size(), 60U);
  expect_walker(tracks[0], 60, 5);
  expect_walker(tracks[1], 360, -5, 124);
}

TEST(FollowPeople, WhoIsHiddenWhileCrossingGoesOn) {
  const auto tracks = follow_people(crossing(60, 26, 36));
  ASSERT_EQ(tracks.size(), 2U);
  expect_walker(tracks[0], 60, 5);
  ASSERT_EQ(tracks[1].frames.size(), 60U);
  expect_walker(tracks[1], 360, -5, 124);
  EXPECT_EQ(known_joints_of(tracks[1].frames[30]), 0);
}

TEST(FollowPeople, ALongAbsenceEndsATrack) {
  Frames frames(60);
  for (const int t : {0, 1, 2, 3, 30, 31, 32}) frames[static_cast<std::size_t>(t)].push_back({walker(60, 120, 0, t)});
  const auto tracks = follow_people(frames);
  ASSERT_EQ(tracks.size(), 2U);
  EXPECT_EQ(tracks[1].first_frame, 30);
}

TEST(FollowPeople, FewFramesASecondAreEnough) {
  Frames frames(8);
  for (int t = 0; t < 8; ++t) frames[static_cast<std::size_t>(t)].push_back({walker(60 + 30 * t, 120, 0, 4 * t)});
  EXPECT_EQ(follow_people(frames).size(), 1U);
}

TEST(FollowPeople, IdentitiesOfTheFileAreKept) {
  auto frames = crossing(40);
  for (int t = 0; t < 40; ++t)
    for (auto& person : frames[static_cast<std::size_t>(t)])
      person.identity = person.joints[kLeftHip].y < 122 ? "7" : "4";
  // A long absence, which likeness alone would not bridge.
  for (int t = 8; t < 30; ++t)
    std::erase_if(frames[static_cast<std::size_t>(t)], [](auto& p) { return p.identity == "4"; });
  const auto tracks = follow_people(frames);
  ASSERT_EQ(tracks.size(), 2U);
  EXPECT_EQ(tracks[1].frames.size(), 40U);
}

TEST(FollowPeople, IdentitiesThatContradictEachOtherAreNot) {
  auto frames = crossing(40);
  for (auto& people : frames)
    for (auto& person : people) person.identity = "0";
  const auto tracks = follow_people(frames);
  ASSERT_EQ(tracks.size(), 2U);
  expect_walker(tracks[0], 60, 5);
}

TEST(FollowPeople, NobodyLeaps) {
  Frames frames(20);
  for (int t = 0; t < 20; ++t) {
    auto& people = frames[static_cast<std::size_t>(t)];
    people.push_back({walker(t < 10 ? 60 : 500, 120, 2, t), "1"});
    people.push_back({walker(60, 400, 2, t), "2"});
  }
  EXPECT_EQ(follow_people(frames).size(), 3U);
}

TEST(FollowPeople, HardlySureJointsAreNotKnown) {
  Frames frames(3);
  for (int t = 0; t < 3; ++t) {
    auto body = walker(60, 120, 2, t);
    body[kNose].confidence = 0.02F;
    frames[static_cast<std::size_t>(t)].push_back({body});
    CocoJoints two{};
    two[kNose] = {300, 100, 0.9F}, two[kLeftEye] = {303, 97, 0.9F};
    frames[static_cast<std::size_t>(t)].push_back({two});
  }
  const auto tracks = follow_people(frames);
  ASSERT_EQ(tracks.size(), 1U) << "two joints are nobody";
  EXPECT_FALSE(tracks[0].frames[0][kNose].is_known());
}

}  // namespace
}  // namespace retime
