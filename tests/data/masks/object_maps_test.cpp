#include "data/masks/object_maps.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/imgproc.hpp>

namespace retime {
namespace {

constexpr Size kFrameSize{200, 100};

BoxMask mask_of_box(cv::Rect box) {
  cv::Mat mask = cv::Mat::zeros(kFrameSize.height, kFrameSize.width, CV_8U);
  mask(box & cv::Rect(0, 0, kFrameSize.width, kFrameSize.height)).setTo(255);
  return box_mask_from_full(mask);
}

TEST(ObjectMaps, TrimapBandIsThatOfTheReleasedCode) {
  EXPECT_EQ(trimap_band(448), 10);
  EXPECT_EQ(trimap_band(224), 5);
  EXPECT_EQ(trimap_band(10), 1);
}

TEST(ObjectMaps, TrimapHasABandOfTheGivenWidth) {
  const cv::Mat trimap = make_trimap(full_mask(mask_of_box({80, 40, 30, 20}), kFrameSize), 7);
  EXPECT_EQ(cv::countNonZero(trimap == 255), 30 * 20);
  EXPECT_EQ(cv::countNonZero(trimap == 128), 44 * 34 - 30 * 20);
  EXPECT_EQ(trimap.at<uchar>(50, 80 - 7), 128);
  EXPECT_EQ(trimap.at<uchar>(50, 80 - 8), 0);
  EXPECT_EQ(trimap.at<uchar>(40 - 7, 80 - 7), 128) << "the kernel is a square";
}

TEST(ObjectMaps, UvRunsFromZeroToOneAcrossTheTextureBox) {
  const cv::Mat iuv = box_uv(mask_of_box({80, 40, 50, 20}), {80, 40, 50, 20}, kFrameSize);
  EXPECT_EQ(iuv.at<cv::Vec3b>(0, 0), cv::Vec3b(0, 0, 0));
  EXPECT_EQ(iuv.at<cv::Vec3b>(40, 80)[0], 1);
  EXPECT_NEAR(iuv.at<cv::Vec3b>(40, 80)[1], 255 * 0.5 / 50, 1);
  EXPECT_NEAR(iuv.at<cv::Vec3b>(40, 129)[1], 255 * 49.5 / 50, 1);
  EXPECT_NEAR(iuv.at<cv::Vec3b>(59, 80)[2], 255 * 19.5 / 20, 1);
}

TEST(ObjectMaps, TextureBoxesDoNotJitter) {
  MaskTrack track;
  for (int t = 0; t < 20; ++t) track.frames.push_back(mask_of_box({60 + 2 * t + (t % 2) * 4, 30, 20, 50}));
  const auto boxes = texture_boxes(track, kFrameSize);
  for (std::size_t t = 4; t < 16; ++t) EXPECT_NEAR(boxes[t].x - boxes[t - 1].x, 2.F, 1.F);
}

TEST(ObjectMaps, ABoxCutByTheBorderKeepsItsSize) {
  MaskTrack track;
  for (int t = 0; t < 30; ++t) track.frames.push_back(mask_of_box({120 + 3 * t, 30, 24, 50}));
  const auto boxes = texture_boxes(track, kFrameSize);
  for (std::size_t t = 0; t < 26; ++t) {
    EXPECT_NEAR(boxes[t].width, 24.F, 1.F) << t;
    EXPECT_NEAR(boxes[t].x, 120.F + 3.F * static_cast<float>(t), 1.F) << t;
  }
  EXPECT_TRUE(boxes.back().empty()) << "outside the picture";
}

TEST(ObjectMaps, LowerGroundContactIsNearer) {
  const MaskTrack far{"far", {mask_of_box({20, 10, 20, 40})}}, near{"near", {mask_of_box({100, 20, 20, 60})}};
  EXPECT_EQ(depth_order({far, near}, kFrameSize, 25)[0], (std::vector<int>{0, 1}));
  EXPECT_EQ(depth_order({near, far}, kFrameSize, 25)[0], (std::vector<int>{1, 0}));
}

TEST(ObjectMaps, OverlappingObjectsSwapOnlyWhenClear) {
  MaskTrack a{"a", {}}, b{"b", {}};
  for (const int bottom : {70, 79, 81, 78, 82, 92}) {
    a.frames.push_back(mask_of_box({50, 80 - 40, 30, 40}));
    b.frames.push_back(mask_of_box({60, bottom - 40, 30, 40}));
  }
  const auto orders = depth_order({a, b}, kFrameSize, 1);
  const std::vector<int> b_behind{1, 0}, b_in_front{0, 1};
  for (std::size_t t = 0; t < 5; ++t) EXPECT_EQ(orders[t], b_behind) << t;
  EXPECT_EQ(orders[5], b_in_front);
}

TEST(ObjectMaps, WhoJumpsStaysInFront) {
  MaskTrack standing{"standing", {}}, jumping{"jumping", {}};
  for (int t = 0; t < 40; ++t) {
    const int height = t < 15 || t >= 24 ? 0 : 40 - 2 * std::abs(t - 19) * std::abs(t - 19);
    standing.frames.push_back(mask_of_box({60, 20, 30, 40}));
    jumping.frames.push_back(mask_of_box({50, 34 - std::max(0, height), 30, 40}));
  }
  for (const auto& order : depth_order({jumping, standing}, kFrameSize, 25)) EXPECT_EQ(order, (std::vector<int>{1, 0}));
  const auto rows = ground_contact({jumping, standing}, {}, kFrameSize, kFrameSize, 25);
  for (std::size_t t = 0; t < 40; ++t) EXPECT_FLOAT_EQ(rows[2 * t], rows[0]) << t;
}

TEST(ObjectMaps, WhoWalksAwayGoesBehind) {
  MaskTrack standing{"standing", {}}, leaving{"leaving", {}};
  for (int t = 0; t < 60; ++t) {
    standing.frames.push_back(mask_of_box({60, 20, 30, 40}));
    leaving.frames.push_back(mask_of_box({50, 34 - t / 2, 30, 40}));
  }
  const auto orders = depth_order({leaving, standing}, kFrameSize, 25);
  EXPECT_EQ(orders.front(), (std::vector<int>{1, 0}));
  EXPECT_EQ(orders.back(), (std::vector<int>{0, 1}));
}

TEST(ObjectMaps, AbsentObjectsStayInTheOrder) {
  const MaskTrack a{"a", {mask_of_box({20, 10, 20, 40}), {}}}, b{"b", {{}, mask_of_box({20, 10, 20, 40})}};
  const auto orders = depth_order({a, b}, kFrameSize, 1);
  ASSERT_EQ(orders.size(), 2U);
  for (const auto& order : orders) EXPECT_EQ(order.size(), 2U);
  EXPECT_TRUE(depth_order({}, kFrameSize, 25).empty());
}

BoxMask box(int x, int y, int width, int height) {
  return {{x, y, width, height}, cv::Mat(height, width, CV_8U, cv::Scalar(255))};
}

TEST(GroundContact, IsTheLowestRowInPixelsOfTheTrainingSize) {
  const std::vector<MaskTrack> tracks = {{"a", {box(10, 20, 8, 30), {}}}, {"b", {{}, box(0, 0, 5, 7)}}};
  const auto rows = ground_contact(tracks, {}, {100, 80}, {50, 40}, 1);
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
  const auto rows = ground_contact(tracks, camera, {100, 80}, {50, 40}, 1);
  EXPECT_FLOAT_EQ(rows[1] - rows[0], 6.0F);
}

}  // namespace
}  // namespace retime
