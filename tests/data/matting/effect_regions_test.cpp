#include "data/matting/effect_regions.hpp"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

namespace retime {
namespace {

constexpr int kWidth = 320, kHeight = 120, kGround = 90;
const cv::Rect kBody(40, kGround - 40, 12, 40);  // 40 high: effects reach 32, connected ones 64

/// Changes a strip of the ground, [from, to) in pixels from the body, by so many levels.
void change(int from, int to, double levels, cv::Mat& difference) {
  difference(cv::Rect(kBody.br().x + from, kGround - 8, to - from, 8)).setTo(cv::Scalar::all(levels));
}

/// A body and a strip of the ground that it darkens.
cv::Mat darkened(int from, int to, double levels = -15) {
  cv::Mat difference = cv::Mat::zeros(kHeight, kWidth, CV_32FC3);
  difference(kBody).setTo(cv::Scalar::all(-60));
  change(from, to, levels, difference);
  return difference;
}

EffectRegions regions_of(const cv::Mat& difference) {
  const BoxMask body{kBody, cv::Mat(kBody.size(), CV_8U, cv::Scalar(255))};
  return find_effects(difference, cv::Mat(difference.size(), CV_32F, cv::Scalar(1)), {body}, {});
}

float weight_at(const EffectRegions& regions, int distance) {
  return regions.weight.at<float>(kGround - 4, kBody.br().x + distance);
}

TEST(EffectRegions, LongShadowIsFoundUpToItsTip) {
  const EffectRegions regions = regions_of(darkened(0, 50));
  EXPECT_GT(weight_at(regions, 10), 0.99F);
  EXPECT_GT(weight_at(regions, 46), 0.99F) << "further than the reach of what stands alone";
  EXPECT_EQ(weight_at(regions, 70), 0.F);
}

TEST(EffectRegions, EndWithTheFarReach) {
  const EffectRegions regions = regions_of(darkened(0, 200));
  EXPECT_GT(weight_at(regions, 46), 0.99F);
  EXPECT_LT(weight_at(regions, 60), 0.5F);
  EXPECT_EQ(weight_at(regions, 70), 0.F);
}

TEST(EffectRegions, FarFromTheBodyOnlyDarkeningCounts) {
  cv::Mat difference = darkened(0, 20);
  change(20, 50, 15, difference);
  EXPECT_GT(weight_at(regions_of(difference), 22), 0.99F);
  EXPECT_EQ(weight_at(regions_of(difference), 46), 0.F);
}

TEST(EffectRegions, RimsOfSureOnesBelongToThem) {
  cv::Mat difference = darkened(0, 20);
  change(20, 25, -3, difference);
  EXPECT_GT(weight_at(regions_of(difference), 22), 0.8F);
  EXPECT_LT(weight_at(regions_of(darkened(12, 25, -3)), 18), 0.05F) << "too faint to stand alone";
}

TEST(EffectRegions, SeparateOnesAreFoundOnlyNear) {
  EXPECT_GT(weight_at(regions_of(darkened(12, 22)), 16), 0.99F) << "as of somebody who jumps";
  EXPECT_EQ(weight_at(regions_of(darkened(42, 56)), 50), 0.F);
}

TEST(EffectRegions, ReachBelongsToTheHeightAndAtLeastToTheWidth) {
  const cv::Size size(1000, 500);
  EXPECT_FLOAT_EQ(effect_reach({400, 100, 50, 200}, size, {}), 320.F);
  EXPECT_FLOAT_EQ(effect_reach({400, 100, 50, 10}, size, {}), 160.F) << "a small object";
  EXPECT_FLOAT_EQ(effect_reach({0, 100, 50, 10}, size, {}), 600.F) << "cut by the border: larger than it looks";
}

}  // namespace
}  // namespace retime
