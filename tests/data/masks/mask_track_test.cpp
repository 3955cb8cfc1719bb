#include "data/masks/mask_track.hpp"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "core/error.hpp"

namespace retime {
namespace {

cv::Mat mask_with(cv::Rect box) {
  cv::Mat mask = cv::Mat::zeros(40, 60, CV_8U);
  mask(box).setTo(255);
  return mask;
}

TEST(MaskTrack, CropAndFullMaskAreTheSameMask) {
  cv::Mat mask = mask_with({10, 5, 20, 12});
  cv::circle(mask, {50, 30}, 6, 200, cv::FILLED);
  const BoxMask box = box_mask_from_full(mask);
  EXPECT_EQ(box.box, cv::Rect(10, 5, 47, 32));
  EXPECT_EQ(cv::countNonZero(full_mask(box, {60, 40}) != (mask > 127)), 0);
  EXPECT_EQ(mask_area(box), cv::countNonZero(mask));
}

TEST(MaskTrack, PixelsSurvivePacking) {
  cv::Mat crop(37, 211, CV_8U);
  cv::RNG random(5);
  for (const double share : {0.0, 0.02, 0.5, 0.98, 1.0}) {
    for (int y = 0; y < crop.rows; ++y)
      for (int x = 0; x < crop.cols; ++x) crop.at<uchar>(y, x) = random.uniform(0.0, 1.0) < share ? 255 : 0;
    const BoxMask mask({3, 4, crop.cols, crop.rows}, crop);
    EXPECT_EQ(cv::countNonZero(mask.crop() != crop), 0) << share;
    EXPECT_EQ(mask.area(), cv::countNonZero(crop)) << share;
  }
  EXPECT_TRUE(BoxMask(cv::Rect(), cv::Mat()).crop().empty());
}

TEST(MaskTrack, FaintPixelsAreNoObject) {
  const BoxMask box = box_mask_from_full(mask_with({10, 5, 20, 12}) / 3);
  EXPECT_TRUE(box.empty());
  EXPECT_EQ(mask_area(box), 0);
  EXPECT_EQ(cv::countNonZero(full_mask(box, {60, 40})), 0);
}

TEST(MaskTrack, AMaskOfAnotherSizeIsAnError) {
  const BoxMask box = box_mask_from_full(mask_with({10, 5, 50, 12}));
  EXPECT_THROW(full_mask(box, {59, 40}), Error);
}

TEST(MaskTrack, KnowsWhenTheObjectIsThere) {
  MaskTrack track{"one", std::vector<BoxMask>(6)};
  EXPECT_EQ(first_frame(track), -1);
  EXPECT_EQ(last_frame(track), -1);
  track.frames[2] = track.frames[4] = box_mask_from_full(mask_with({1, 1, 3, 3}));
  EXPECT_EQ(first_frame(track), 2);
  EXPECT_EQ(last_frame(track), 4);
}

TEST(MaskTrack, WhatOthersHaveIsTakenAway) {
  const BoxMask mask({10, 10, 6, 4}, cv::Mat(4, 6, CV_8U, cv::Scalar(255)));
  const BoxMask left({8, 8, 5, 20}, cv::Mat(20, 5, CV_8U, cv::Scalar(255))),
      far({40, 40, 2, 2}, cv::Mat(2, 2, CV_8U, 255.0));
  EXPECT_EQ(mask_without(mask, {left, far, {}}).box, cv::Rect(13, 10, 3, 4));
  EXPECT_TRUE(mask_without(mask, {left, mask}).empty());
  EXPECT_TRUE(mask_without({}, {left}).empty());
}

TEST(MaskTrack, UnionHoldsAllObjectsOfTheFrame) {
  const MaskTrack a{"a", {box_mask_from_full(mask_with({0, 0, 5, 5})), {}}};
  const MaskTrack b{"b", {box_mask_from_full(mask_with({3, 3, 5, 5})), box_mask_from_full(mask_with({9, 9, 2, 2}))}};
  EXPECT_EQ(cv::countNonZero(union_mask({a, b}, 0, {60, 40})), 25 + 25 - 4);
  EXPECT_EQ(cv::countNonZero(union_mask({a, b}, 1, {60, 40})), 4);
  EXPECT_EQ(masks_of_frame({a, b}, 1).size(), 2U);
}

}  // namespace
}  // namespace retime
