#include "data/complete/placement.hpp"

#include <gtest/gtest.h>

#include "data/complete/walkers.hpp"

namespace retime {
namespace {

TEST(BodyPlacement, IsTheMiddleAndTheHeight) {
  const cv::Rect box(20, 30, 11, 40);
  const BodyPlacement place = placement_of({box, cv::Mat(box.size(), CV_8U, cv::Scalar(255))});
  EXPECT_NEAR(place.x, 25, 0.01);
  EXPECT_NEAR(place.y, 49.5, 0.51);
  EXPECT_NEAR(place.height, 40, 1.01);
}

TEST(SmoothPath, GoesOnThroughUnknownFrames) {
  std::vector<BodyPlacement> places;
  std::vector<double> weights;
  for (int t = 0; t < 30; ++t) {
    const bool known = t < 10 || t > 19;
    places.push_back(known ? BodyPlacement{5.0 * t, 80 - t + 0.5 * (t % 2), 60.0 + t} : BodyPlacement{999, 999, 999});
    weights.push_back(known ? 1 : 0);
  }
  const auto path = smooth_path(places, weights, 8);
  for (int t = 2; t < 28; ++t) {
    const BodyPlacement& place = path[static_cast<std::size_t>(t)];
    EXPECT_NEAR(place.x, 5.0 * t, 0.01);
    EXPECT_NEAR(place.y, 80.25 - t, 0.2) << "what comes and goes is smoothed";
    EXPECT_NEAR(place.height, 60.0 + t, 0.01);
  }
}

TEST(SmoothPath, OfOneKnownFrameIsThere) {
  const auto path = smooth_path({{1, 2, 3}, {40, 50, 60}, {1, 2, 3}}, {0, 1, 0}, 8);
  for (const BodyPlacement& place : path) EXPECT_NEAR(place.x, 40, 1e-6);
  EXPECT_TRUE(smooth_path({{1, 2, 3}}, {0}, 8).empty());
}

TEST(Carried, MovesAndGrowsAboutTheMiddle) {
  const cv::Rect box(20, 30, 20, 40), area(0, 0, 200, 120);
  const cv::Mat picture(box.size(), CV_8U, cv::Scalar(255));
  const cv::Mat there = carried(picture, box.tl(), {29.5, 49.5, 40}, {100, 60, 60}, area) > 127;
  const cv::Rect found = cv::boundingRect(there);
  EXPECT_NEAR(found.x + 0.5 * (found.width - 1), 100, 1);
  EXPECT_NEAR(found.width, 30, 1);
  EXPECT_NEAR(found.height, 60, 1);
}

}  // namespace
}  // namespace retime
