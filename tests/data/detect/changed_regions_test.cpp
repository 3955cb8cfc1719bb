#include "data/detect/changed_regions.hpp"

#include <gtest/gtest.h>

#include "data/disc_scene.hpp"

namespace retime {
namespace {

class ChangedRegions : public testing::Test {
 protected:
  const test::DiscScene scene_{1, {{{50, 50}, {}, 16, test::kRed}, {{140, 70}, {}, 16, test::kBlue}}, 0.F};
  const cv::Mat frame_ = scene_.frame(0), backdrop_ = scene_.background();
};

TEST_F(ChangedRegions, EachObjectWithItsShadowIsOne) {
  const auto regions = changed_regions(frame_, backdrop_);
  ASSERT_EQ(regions.size(), 2U);
  const cv::Mat painted = paint_regions(regions, frame_.size(), 0);
  for (const std::size_t disc : {0U, 1U}) {
    const cv::Mat body = scene_.mask(disc, 0);
    EXPECT_GT(cv::countNonZero(painted & body), 0.95 * cv::countNonZero(body));
  }
  EXPECT_LT(cv::countNonZero(painted), static_cast<int>(painted.total()) / 4);
  EXPECT_GT(cv::countNonZero(paint_regions(regions, frame_.size(), 3)), cv::countNonZero(painted));
}

TEST_F(ChangedRegions, NoiseIsNoChange) {
  const test::DiscScene empty(1, {}, 0.F);
  cv::Mat frame = empty.frame(0);
  EXPECT_GT(test::mean_difference(frame, empty.background()), 0.3);
  frame.at<cv::Vec3b>(20, 100) += cv::Vec3b(90, 0, 0);
  EXPECT_TRUE(changed_regions(frame, empty.background()).empty());
}

TEST_F(ChangedRegions, TheOutlineBelongsToThePictureWithTheObject) {
  const cv::Mat frame_edges = edge_strength(frame_), backdrop_edges = edge_strength(backdrop_);
  for (const Region& region : changed_regions(frame_, backdrop_)) {
    const float owner = outline_owner(region, frame_edges, backdrop_edges);
    EXPECT_GT(owner, 0.2F);
    EXPECT_FLOAT_EQ(outline_owner(region, backdrop_edges, frame_edges), -owner);
  }
}

}  // namespace
}  // namespace retime
