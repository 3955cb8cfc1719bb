#include "data/keypoints/keypoint_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/error.hpp"
#include "data/keypoints/track_repair.hpp"
#include "data/keypoints/walking_body.hpp"

namespace retime {
namespace {

using test::body_at;
using test::message_of;
using test::triplets;
using test::write_json;
using testing::AllOf;
using testing::HasSubstr;

constexpr Size kFrame{320, 240};

std::string open_pose(const std::string& numbers) {
  return R"({"people": [{"pose_keypoints_2d": [)" + numbers + "]}]}";
}

class KeypointFilesTest : public testing::Test {
 protected:
  std::string refused(const std::string& json) const {
    const auto file = write_json(folder_ / "poses.json", json);
    return message_of<Error>([&] { read_keypoints(file, kFrame); });
  }
  test::TemporaryFolder folder_;
};

TEST_F(KeypointFilesTest, AFolderHasAFileForEachFrame) {
  for (const int frame : {0, 9, 10, 100})
    write_json(folder_ / ("op/clip_" + std::to_string(frame) + "_keypoints.json"),
               frame == 9 ? "{\"people\": []}" : open_pose(test::counted_triplets(25)));
  test::write_bytes(folder_ / "op/notes.txt", "no JSON");
  const auto records = read_keypoints(folder_ / "op", kFrame);
  ASSERT_EQ(records.pictures.size(), 4U);
  EXPECT_EQ(records.pictures[1].number, 9);
  EXPECT_TRUE(records.pictures[1].people.empty());
  EXPECT_EQ(records.pictures[3].number, 100);
}

TEST_F(KeypointFilesTest, FilesOfPicturesNeedNoIdOfThem) {
  const std::string flat = test::counted_triplets(17);
  std::string nested;
  for (int i = 0; i < 17; ++i) nested += (i ? ", [" : "[") + std::to_string(10 + i) + ", 20, 0.9]";
  write_json(folder_ / "ap/3.json", R"([{"keypoints": [)" + flat + "]}]");
  write_json(folder_ / "ap/4.json", R"([{"keypoints": [)" + nested + "]}]");
  write_json(folder_ / "ap/5.json", "null");
  const auto records = read_keypoints(folder_ / "ap", kFrame);
  ASSERT_EQ(records.pictures.size(), 3U);
  EXPECT_EQ(records.pictures[0].people.size(), 1U);
  EXPECT_FLOAT_EQ(records.pictures[1].people.at(0).joints[kLeftEye].x, 11);
  EXPECT_TRUE(records.pictures[2].people.empty());
}

TEST_F(KeypointFilesTest, PartsOfThePictureBecomePixels) {
  std::string numbers;
  for (int i = 0; i < 25; ++i) numbers += (i ? ", " : "") + std::string("0.5, 0.25, 0.8");
  const auto records = read_keypoints(write_json(folder_ / "a.json", open_pose(numbers)), kFrame);
  EXPECT_FLOAT_EQ(records.pictures.at(0).people.at(0).joints[kNose].x, 159.5F);
  EXPECT_FLOAT_EQ(records.pictures.at(0).people.at(0).joints[kNose].y, 59.5F);
}

TEST_F(KeypointFilesTest, WhatIsNotKnownIsRefused) {
  EXPECT_THAT(message_of<Error>([&] { read_keypoints(folder_ / "none.json", kFrame); }),
              AllOf(HasSubstr("none.json"), HasSubstr("check the path")));
  EXPECT_THAT(refused("[1, 2,\n 3, }"),
              AllOf(HasSubstr("poses.json is not valid JSON (line 2, column 5"), HasSubstr("export it again")));
  EXPECT_THAT(refused("{\"width\": 3}"),
              HasSubstr("poses.json: the form of these keypoints is not known: bring them as"));
  EXPECT_THAT(refused("[]"), HasSubstr("is not known"));
  EXPECT_THAT(refused("12"), HasSubstr("is not known"));
  EXPECT_THAT(refused("{\"people\": []}"), HasSubstr("there is nobody in the keypoints"));
  std::filesystem::create_directories(folder_ / "empty");
  EXPECT_THAT(message_of<Error>([&] { read_keypoints(folder_ / "empty", kFrame); }), HasSubstr("no .json file"));
}

TEST_F(KeypointFilesTest, PicturesMustBeFrames) {
  const auto record = [](const std::string& name) {
    return "{\"image_id\": \"" + name + "\", \"keypoints\": [" + triplets(body_at(100, 100)) + "]}";
  };
  EXPECT_THAT(refused("[" + record("a/3.jpg") + ", " + record("b/3.jpg") + "]"),
              HasSubstr("the pictures 'a/3.jpg' and 'b/3.jpg' have the same number"));
  EXPECT_THAT(refused("[" + record("3.jpg") + ", " + record("last.jpg") + "]"),
              HasSubstr("the picture 'last.jpg' has no number"));
}

TEST_F(KeypointFilesTest, JointsOfAnotherSizeAreRefused) {
  EXPECT_THAT(refused(R"([{"image_id": 0, "keypoints": [)" + triplets(body_at(1200, 700, 300)) + "]}]"),
              AllOf(HasSubstr("17 of 17 joints lie outside the frames"), HasSubstr("320x240")));
  EXPECT_THAT(refused(R"([{"image_id": 0, "keypoints": [)" + triplets(CocoJoints{}) + "]}]"),
              HasSubstr("no joint in the keypoints"));
}

TEST_F(KeypointFilesTest, AJointFarOutsideIsNotKnown) {
  auto body = body_at(150, 120, 80);
  body[kLeftWrist].x = 640.5F;
  body[kRightWrist].x = 630;
  body[kLeftAnkle].y = -250;
  body[kRightAnkle].y = -230;
  const auto file = write_json(folder_ / "far.json", R"([{"image_id": 0, "keypoints": [)" + triplets(body) + "]}]");
  testing::internal::CaptureStdout();
  const auto joints = read_keypoints(file, kFrame).pictures.at(0).people.at(0).joints;
  EXPECT_THAT(testing::internal::GetCapturedStdout(), HasSubstr("2 of 17 joints lie more than a picture's size"));
  EXPECT_FALSE(joints[kLeftWrist].is_known());
  EXPECT_FALSE(joints[kLeftAnkle].is_known());
  EXPECT_TRUE(joints[kRightWrist].is_known());
  EXPECT_TRUE(joints[kRightAnkle].is_known());
  EXPECT_EQ(joints[kNose].confidence, body[kNose].confidence);
}

// What estimators really write; not part of the project.
class RealKeypointsTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* data = std::getenv("RETIME_TEST_DATA");
    if (!data) GTEST_SKIP() << "RETIME_TEST_DATA names no folder of footage";
    fixtures_ = std::filesystem::path(data) / "fixtures";
    if (!std::filesystem::exists(fixtures_ / "alphapose_video")) GTEST_SKIP() << "no keypoints in " << fixtures_;
  }
  static std::vector<KeypointTrack> tracks_of(const KeypointRecords& records) {
    std::vector<std::vector<FoundPerson>> frames;
    for (const auto& picture : records.pictures) frames.push_back(picture.people);
    auto tracks = follow_people(std::move(frames));
    repair_tracks(tracks);
    return tracks;
  }
  std::filesystem::path fixtures_;
};

TEST_F(RealKeypointsTest, OneDancerIsFollowedThroughTheWholeClip) {
  const auto records = read_keypoints(fixtures_ / "alphapose_video/alphapose-results.json", {864, 480});
  ASSERT_EQ(records.pictures.size(), 338U);
  const auto tracks = tracks_of(records);
  ASSERT_EQ(tracks.size(), 1U);
  EXPECT_EQ(tracks[0].first_frame, 0);
  EXPECT_EQ(tracks[0].frames.size(), 338U);
}

TEST_F(RealKeypointsTest, PeopleOfAStreetAreFollowed) {
  const auto records = read_keypoints(fixtures_ / "openpose_body25", {1280, 720});
  ASSERT_EQ(records.pictures.size(), 10U);
  const auto tracks = tracks_of(records);
  const auto whole =
      std::count_if(tracks.begin(), tracks.end(), [](const auto& track) { return track.frames.size() == 10; });
  EXPECT_GE(whole, 8);
  EXPECT_LE(tracks.size(), 12U);
}

TEST_F(RealKeypointsTest, IdentitiesThatAllAreTheSameCount) {
  const auto records = read_keypoints(fixtures_ / "alphapose_images/alphapose-results.json", {1280, 720});
  ASSERT_EQ(records.pictures.size(), 3U);
  std::size_t people = 0;
  for (const auto& picture : records.pictures) people += picture.people.size();
  EXPECT_EQ(people, 25U);
}

TEST_F(RealKeypointsTest, WhatIsNoJsonIsToldWithItsLine) {
  EXPECT_THAT(message_of<Error>([&] { read_keypoints(fixtures_ / "poseflow_malformed.json", kFrame); }),
              HasSubstr("poseflow_malformed.json is not valid JSON (line "));
}

}  // namespace
}  // namespace retime
