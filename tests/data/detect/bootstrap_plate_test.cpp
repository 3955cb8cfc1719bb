#include "data/detect/bootstrap_plate.hpp"

#include <gtest/gtest.h>

#include "data/disc_scene.hpp"

namespace retime {
namespace {

using test::DiscScene;
using test::mean_difference;

TEST(BootstrapPlate, WhoStandsForMostOfTheClipIsNoBackground) {
  const DiscScene scene(40, {{{90, 64}, {0, 0}, 14, test::kGreen, 0, 29}}, 0.F);
  const cv::Mat place = scene.mask(0, 0);
  EXPECT_GT(mean_difference(estimate_plate(scene, {}, {}).color, scene.background(), place), 30.0)
      << "a plain median shows the disc";
  EXPECT_LT(mean_difference(bootstrap_plate(scene, 40).color, scene.background(), place), 4.0);
}

TEST(BootstrapPlate, MovingObjectsAndDriftingLightAreLeftOut) {
  const DiscScene scene(30, {{{-20, 50}, {8, 0}, 14, test::kRed}, {{210, 90}, {-8, 0}, 14, test::kBlue}});
  const Plate plate = bootstrap_plate(scene, 30);
  EXPECT_GT(cv::countNonZero(plate.observed), 0.99 * static_cast<double>(plate.observed.total()));
  // The plate's light is that of some frame: up to a tenth of the brightness.
  EXPECT_LT(mean_difference(plate.color, scene.background()), 0.11 * cv::mean(scene.background())[0]);
}

TEST(BootstrapPlate, AFewFramesAreEnough) {
  const DiscScene scene(40, {{{-20, 60}, {6, 0}, 14, test::kRed}}, 0.F);
  EXPECT_LT(mean_difference(bootstrap_plate(scene, 8).color, scene.background()), 2.0);
}

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
