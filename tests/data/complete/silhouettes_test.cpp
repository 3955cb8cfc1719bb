#include "data/complete/silhouettes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "data/complete/walkers.hpp"

namespace retime {
namespace {

using test::kStreet;

constexpr int kSteps = 20;

// Somebody who walks alone, whose silhouettes of the first frames are known.
class SilhouettesTest : public testing::Test {
 protected:
  SilhouettesTest() {
    for (const auto& mask : masks_) path_.push_back(placement_of(mask));
  }
  static std::vector<int> first_frames(int count) {
    std::vector<int> frames(static_cast<std::size_t>(count));
    std::iota(frames.begin(), frames.end(), 0);
    return frames;
  }
  Silhouettes shapes(int count) const { return {masks_, path_, first_frames(count)}; }

  const test::Walk walk_{{{40, 4}}, kSteps};
  const std::vector<BoxMask>& masks_ = walk_.whole[0].frames;
  std::vector<BodyPlacement> path_;
};

TEST_F(SilhouettesTest, AreThereAsTheyAreAndMirrored) {
  const auto known = shapes(5);
  EXPECT_EQ(known.count(), 10);
  EXPECT_EQ(known.index_of(3), 3);
  EXPECT_EQ(known.index_of(5), -1);
  const Silhouettes sparse(masks_, path_, {2, 7});
  EXPECT_EQ(sparse.index_of(7), 1);
  EXPECT_EQ(sparse.index_of(3), -1);
}

TEST_F(SilhouettesTest, LieWhereTheyAreLaid) {
  const auto known = shapes(5);
  const cv::Rect area(0, 0, kStreet.width, kStreet.height);
  const cv::Mat there = known.at(2, path_[2], area), beside = known.at(2, path_[12], area);
  EXPECT_GT(test::agreement(box_mask_from_full(there), masks_[2]), 0.98);
  EXPECT_NEAR(cv::boundingRect(beside > 127).x - masks_[2].box.x, path_[12].x - path_[2].x, 2);
  EXPECT_NEAR(known.body_pixels(path_[2]), masks_[2].area(), 0.1 * masks_[2].area());
}

TEST_F(SilhouettesTest, WhatFollowsInTheClipIsNoBreak) {
  const auto known = shapes(10);
  EXPECT_EQ(known.break_between(3, 4), 0);
  EXPECT_GT(known.break_between(3, 8), 0.01) << "legs that swing";
}

TEST_F(SilhouettesTest, TheOneOfTheFrameFitsWhatIsVisibleOfIt) {
  const auto known = shapes(3);  // legs part: no two look the same
  const int frame = 1;
  PartView view{masks_[frame], cv::Mat::zeros(kStreet.height, kStreet.width, CV_8U), path_[frame], 0.03};
  const auto fits = known.fit(view);
  ASSERT_EQ(fits.size(), 6U);
  const auto best =
      std::min_element(fits.begin(), fits.end(), [](const auto& a, const auto& b) { return a.misfit < b.misfit; });
  EXPECT_EQ((best - fits.begin()) % 3, frame) << "as it is, or mirrored: the figure is symmetric";
  EXPECT_LT(best->misfit, 0.05);
  EXPECT_LT(cv::norm(best->shift), 0.03);
  view.covered.setTo(255);
  view.visible = {};
  EXPECT_LT(known.fit(view)[4].misfit, 0.01) << "a frame that tells nothing contradicts nobody";
}

}  // namespace
}  // namespace retime
