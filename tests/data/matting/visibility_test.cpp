#include "data/matting/visibility.hpp"

#include <gtest/gtest.h>

#include "data/disc_scene.hpp"
#include "data/matting/matting.hpp"

namespace retime {
namespace {

constexpr Size kSize{200, 100};

BoxMask box_at(cv::Rect box) {
  cv::Mat mask = cv::Mat::zeros(kSize.height, kSize.width, CV_8U);
  mask(box).setTo(255);
  return box_mask_from_full(mask);
}

const BoxMask kBehind = box_at({20, 20, 30, 40}), kFront = box_at({40, 30, 30, 40}), kFar = box_at({170, 20, 20, 20});

TEST(VisibleTracks, WhatIsInFrontHides) {
  const std::vector<MaskTrack> tracks{{"a", {kBehind, kBehind}}, {"b", {kFront, kFront}}};
  const auto visible = visible_tracks(tracks, {{0, 1}, {1, 0}}, kSize);
  EXPECT_EQ(mask_area(visible[0].frames[0]), 30 * 40 - 10 * 30);
  EXPECT_EQ(mask_area(visible[1].frames[0]), 30 * 40);
  EXPECT_EQ(mask_area(visible[0].frames[1]), 30 * 40);
  EXPECT_EQ(mask_area(visible[1].frames[1]), 30 * 40 - 10 * 30);
  const cv::Mat both = full_mask(visible[0].frames[0], kSize) & full_mask(visible[1].frames[0], kSize);
  EXPECT_EQ(cv::countNonZero(both), 0);
}

TEST(VisibleTracks, AnObjectThatIsHiddenWhollyIsNotSeen) {
  const std::vector<MaskTrack> tracks{{"a", {box_at({45, 35, 5, 5})}}, {"b", {kFront}}};
  EXPECT_TRUE(visible_tracks(tracks, {{0, 1}}, kSize)[0].frames[0].empty());
}

cv::Mat visibility(int object, const std::vector<BoxMask>& bodies, const std::vector<int>& order,
                   const cv::Mat& contested = {}) {
  return matte_visibility(object, {bodies, bodies, order}, contested, kSize);
}

TEST(MatteVisibility, IsNoneUnderWhatIsInFront) {
  const cv::Mat seen = visibility(0, {kBehind, kFront}, {0, 1});
  EXPECT_EQ(seen.at<uchar>(50, 45), 0);
  EXPECT_EQ(seen.at<uchar>(50, 38), 0) << "the rim";
  EXPECT_EQ(seen.at<uchar>(50, 30), 255);
  const int rim = seen.at<uchar>(50, 37);
  EXPECT_TRUE(rim > 0 && rim < 255) << rim;
}

TEST(MatteVisibility, IsFullWithNothingInFront) {
  EXPECT_EQ(cv::countNonZero(visibility(1, {kBehind, kFront}, {0, 1}) != 255), 0);
  EXPECT_EQ(cv::countNonZero(visibility(0, {kBehind, kFront}, {1, 0}) != 255), 0);
  EXPECT_EQ(cv::countNonZero(visibility(0, {kBehind, kFar}, {0, 1}) != 255), 0) << "out of reach";
  EXPECT_EQ(cv::countNonZero(visibility(0, {kBehind, {}}, {0, 1}) != 255), 0) << "absent";
  EXPECT_EQ(cv::countNonZero(visibility(0, {{}, kFront}, {0, 1}) != 255), 0) << "nothing to hide";
}

TEST(MatteVisibility, ContestedEffectsAreHalfKnown) {
  cv::Mat contested = cv::Mat::zeros(kSize.height, kSize.width, CV_8U);
  contested(cv::Rect(30, 62, 30, 10)).setTo(255);
  const cv::Mat seen = visibility(0, {kBehind, kFront}, {0, 1}, contested);
  EXPECT_EQ(seen.at<uchar>(64, 32), 128);
  EXPECT_EQ(seen.at<uchar>(64, 50), 0) << "hidden is hidden";
  EXPECT_EQ(seen.at<uchar>(80, 32), 255);
}

TEST(ContestedEffects, LieInReachOfSeveralObjects) {
  using test::Disc;
  // The far end of each one's shadow lies more than 1.6 heights from the other.
  const test::DiscScene scene(1, {Disc{{76, 60}, {0, 0}, 14, test::kRed}, Disc{{130, 60}, {0, 0}, 14, test::kBlue}},
                              0.F);
  MattingOptions options;
  options.noise = 1.F;
  const auto masks = masks_of_frame(scene.tracks(), 0);
  const auto mattes = solve_mattes(scene.frame(0), {scene.background(), {}, {}}, masks, options);
  for (const Matte& matte : mattes) {
    EXPECT_EQ(matte.contested.at<uchar>(77, 88), 255) << "the near end of the left one's shadow";
    EXPECT_EQ(matte.contested.at<uchar>(77, 118), 255) << "that of the right one's";
    EXPECT_EQ(matte.contested.at<uchar>(77, 64), 0) << "the left one's alone";
    EXPECT_EQ(matte.contested.at<uchar>(60, 76), 0) << "a body";
    EXPECT_EQ(matte.contested.at<uchar>(20, 93), 0) << "nothing there";
  }
}

TEST(ContestedEffects, ASingleObjectHasNone) {
  const test::DiscScene scene(1, {{{76, 60}, {0, 0}, 14, test::kRed}}, 0.F);
  const auto mattes = solve_mattes(scene.frame(0), {scene.background(), {}, {}}, masks_of_frame(scene.tracks(), 0), {});
  EXPECT_EQ(cv::countNonZero(mattes[0].contested), 0);
}

}  // namespace
}  // namespace retime
