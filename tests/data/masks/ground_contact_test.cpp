#include "data/masks/ground_contact.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace retime {
namespace {

BoxMask box(int x, int y, int width, int height) {
  return {{x, y, width, height}, cv::Mat(height, width, CV_8U, cv::Scalar(255))};
}

TEST(GroundContact, IsTheLowestRowInPixelsOfTheTrainingSize) {
  const std::vector<MaskTrack> tracks = {{"a", {box(10, 20, 8, 30), {}}}, {"b", {{}, box(0, 0, 5, 7)}}};
  const auto rows = ground_contact(tracks, {}, {100, 80}, {50, 40});
  ASSERT_EQ(rows.size(), 4U);
  // Row 49 of the full size has its centre at 49.5 / 2 of the training size's pixel borders.
  EXPECT_FLOAT_EQ(rows[0], 24.25F);
  EXPECT_TRUE(std::isnan(rows[1]));
  EXPECT_TRUE(std::isnan(rows[2]));
  EXPECT_FLOAT_EQ(rows[3], 2.75F);
}

TEST(GroundContact, WithAMovingCameraItIsARowOfThePlane) {
  const std::vector<MaskTrack> tracks = {{"a", {box(10, 20, 8, 30), box(10, 20, 8, 30)}}};
  CameraPath camera;
  camera.frame_from_plane = {kIdentityHomography, {1, 0, 0, 0, 1, -6, 0, 0, 1}};  // the second frame lies 6 lower
  const auto rows = ground_contact(tracks, camera, {100, 80}, {50, 40});
  EXPECT_FLOAT_EQ(rows[1] - rows[0], 6.0F);
}

}  // namespace
}  // namespace retime
