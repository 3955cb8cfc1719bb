#include "data/body/body_pairs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "data/keypoints/walking_body.hpp"
#include "data/released_fixture.hpp"

namespace retime {
namespace {

using test::message_of;
using test::ReleasedFixture;
using testing::HasSubstr;

class BodyPairsTest : public testing::Test {
 protected:
  BodyPairsTest() { write_keypoints(1); }
  void write_keypoints(int scale, double aside = 0) const {
    std::string json;
    for (int t = 0; t < ReleasedFixture::kFrames; ++t) {
      json += (t ? ", \"" : "{\"") + ReleasedFixture::name(t) + "\": [";
      for (int object = 0; object < 2; ++object) {
        const auto box = ReleasedFixture::box(object, t, scale);
        const auto joints = test::body_at(box.x + box.width / 2.0 + aside, box.y + box.height / 2.0, 0.9 * box.height);
        json += std::string(object ? ", " : "") + "{\"idx\": " + std::to_string(object + 1) + ", \"keypoints\": [" +
                test::triplets(joints) + "]}";
      }
      json += "]";
    }
    test::write_json(fixture_.path() / "keypoints.json", json + "}");
  }

  test::TemporaryFolder folder_;
  ReleasedFixture fixture_{folder_.path()};
};

TEST_F(BodyPairsTest, EveryMapHasTheJointsOfItsPerson) {
  const BodyPairs pairs(fixture_.path());
  ASSERT_EQ(pairs.count(), 2 * ReleasedFixture::kFrames);
  for (int i = 0; i < pairs.count(); ++i) {
    const auto pair = pairs.at(i);
    const auto box = ReleasedFixture::box(i / ReleasedFixture::kFrames, i % ReleasedFixture::kFrames, 1);
    EXPECT_EQ(pair.height, box.height);
    EXPECT_NEAR(pair.joints[kNose].x, box.x + box.width / 2.0, 0.7);
    EXPECT_EQ(pair.iuv.at<cv::Vec3b>(box.y + 1, box.x + 1)[0], 1);
    EXPECT_EQ(pair.iuv.at<cv::Vec3b>(box.y + 14, box.x + 1)[0], 2);
    EXPECT_EQ(cv::countNonZero(pair.iuv.reshape(1).col(0)), 0) << "nothing else";
  }
}

TEST_F(BodyPairsTest, JointsMayBeOfLargerPictures) {
  write_keypoints(2);
  fixture_.save_metadata(R"({"alphapose_input_size": [192, 96]})");
  EXPECT_EQ(BodyPairs(fixture_.path()).count(), 2 * ReleasedFixture::kFrames);
}

TEST_F(BodyPairsTest, WhatIsMissingIsToldInASentence) {
  write_keypoints(1, 30);
  EXPECT_THAT(message_of<Error>([&] { BodyPairs(fixture_.path()); }), HasSubstr("no body map in"));
  std::filesystem::remove(fixture_.path() / "keypoints.json");
  EXPECT_THAT(message_of<Error>([&] { BodyPairs(fixture_.path()); }), HasSubstr("keypoints.json"));
  std::filesystem::remove_all(fixture_.path() / "iuv");
  EXPECT_THAT(message_of<Error>([&] { BodyPairs(fixture_.path()); }), HasSubstr("no pictures in iuv/NAME"));
}

TEST(CroppedIuv, IsTheNearestPixel) {
  cv::Mat iuv(4, 4, CV_8UC3, cv::Scalar(0, 0, 0));
  iuv.at<cv::Vec3b>(1, 2) = {9, 100, 200};
  const Image crop = cropped_iuv(iuv, {1, 0, 4}, 8);
  EXPECT_EQ(crop.row(2)[3 * 2], 9);
  EXPECT_EQ(crop.row(3)[3 * 3 + 2], 200);
  EXPECT_EQ(crop.row(2)[3 * 4], 0);
  EXPECT_EQ(crop.row(2)[3 * 7], 0) << "outside the picture";
}

}  // namespace
}  // namespace retime
