#include "data/keypoints/landmark_format.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "data/keypoints/keypoint_files.hpp"
#include "data/keypoints/walking_body.hpp"

namespace retime {
namespace {

using test::message_of;
using test::write_json;
using testing::HasSubstr;

constexpr Size kWide{200, 100};

// 33 points: point i at (i / 50, i / 100) of the picture, times `scale_x` and `scale_y`.
std::string points(bool as_lists, double scale_x = 1, double scale_y = 1, int count = 33) {
  std::string text = "[";
  for (int i = 0; i < count; ++i) {
    const auto x = std::to_string(scale_x * i / 50), y = std::to_string(scale_y * i / 100);
    text += i ? ", " : "";
    text += as_lists ? "[" + x + ", " + y + ", 0.1, 0.75]"
                     : "{\"x\": " + x + ", \"y\": " + y + ", \"z\": -0.1, \"visibility\": 0.75}";
  }
  return text + "]";
}

class LandmarkFormatTest : public testing::Test {
 protected:
  KeypointRecords read(const std::string& json) const {
    return read_keypoints(write_json(folder_ / "landmarks.json", json), kWide);
  }
  test::TemporaryFolder folder_;
};

void expect_person(const FoundPerson& person) {
  EXPECT_NEAR(person.joints[kLeftShoulder].x, 200 * 11.0 / 50 - 0.5, 1e-3);
  EXPECT_NEAR(person.joints[kLeftShoulder].y, 100 * 11.0 / 100 - 0.5, 1e-3);
  EXPECT_NEAR(person.joints[kRightAnkle].x, 200 * 28.0 / 50 - 0.5, 1e-3);
  EXPECT_FLOAT_EQ(person.joints[kRightAnkle].confidence, 0.75F);
}

TEST_F(LandmarkFormatTest, FramesMayHaveNumbers) {
  for (const char* key : {"landmarks", "pose_landmarks", "poseLandmarks"}) {
    const std::string entry = std::string("\"") + key + "\": " + points(false);
    const std::string list = "[{\"frame\": 3, " + entry + "}, {\"frame\": 12, \"" + key + "\": null}]";
    for (const auto& json : {list, "{\"fps\": 30, \"frames\": " + list + "}", "{\"landmarks\": " + list + "}"}) {
      const auto records = read(json);
      ASSERT_EQ(records.pictures.size(), 2U) << json;
      EXPECT_EQ(records.pictures[0].number, 3);
      EXPECT_FALSE(records.is_positional);
      ASSERT_EQ(records.pictures[0].people.size(), 1U);
      expect_person(records.pictures[0].people[0]);
      EXPECT_TRUE(records.pictures[1].people.empty());
    }
  }
}

TEST_F(LandmarkFormatTest, FramesMayComeOneAfterTheOther) {
  for (const auto& json :
       {"[" + points(true) + ", [], " + points(true) + "]", "[null, " + points(false) + ", " + points(false) + "]"}) {
    const auto records = read(json);
    ASSERT_EQ(records.pictures.size(), 3U);
    EXPECT_TRUE(records.is_positional);
    expect_person(records.pictures[2].people.at(0));
  }
}

TEST_F(LandmarkFormatTest, SeveralPeopleAreInAPicture) {
  const auto two = "[" + points(false) + ", " + points(true) + "]";
  const auto records = read("[{\"frame_index\": 0, \"poses\": " + two + "}]");
  ASSERT_EQ(records.pictures.size(), 1U);
  ASSERT_EQ(records.pictures[0].people.size(), 2U);
  write_json(folder_ / "folder/frame_00002.json", "{\"pose_landmarks\": " + two + "}");
  write_json(folder_ / "folder/frame_00010.json", points(false));
  const auto folder = read_keypoints(folder_ / "folder", kWide);
  ASSERT_EQ(folder.pictures.size(), 2U);
  EXPECT_EQ(folder.pictures[0].people.size(), 2U);
  EXPECT_EQ(folder.pictures[1].number, 10);
  expect_person(folder.pictures[1].people.at(0));
}

TEST_F(LandmarkFormatTest, PixelsStayAsTheyAre) {
  const auto records = read("[{\"frame\": 0, \"landmarks\": " + points(false, 200, 100) + "}]");
  EXPECT_NEAR(records.pictures[0].people.at(0).joints[kLeftShoulder].x, 44, 1e-3);
}

TEST_F(LandmarkFormatTest, AnotherNumberOfPointsIsRefused) {
  EXPECT_THAT(message_of<Error>([&] { read("[{\"frame\": 0, \"landmarks\": " + points(false, 1, 1, 32) + "}]"); }),
              HasSubstr("landmarks.json, [0].landmarks: it has 32 joints (known here: 33)"));
  EXPECT_THAT(
      message_of<Error>([&] { read("[{\"frame\": 0, \"landmarks\": " + points(false) + "}, {\"landmarks\": []}]"); }),
      HasSubstr("[1]: it has no \"frame\""));
}

}  // namespace
}  // namespace retime
