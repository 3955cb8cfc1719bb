#include "data/follow/appearance.hpp"

#include <gtest/gtest.h>

#include "tests/data/follow/bodies.hpp"

namespace retime {
namespace {

using test::body_sighting;

TEST(Appearance, ClothesTellPeopleApartWhereverTheyStand) {
  const auto red = body_sighting({80, 100}, 120, test::kRedBody), later = body_sighting({200, 90}, 150, test::kRedBody);
  const auto blue = body_sighting({200, 90}, 150, test::kBlueBody);
  EXPECT_GT(likeness(red.appearance, later.appearance), 0.9F);
  EXPECT_LT(likeness(red.appearance, blue.appearance), 0.3F);
}

TEST(Appearance, BandsThatOneLacksDoNotCount) {
  const auto whole = body_sighting({80, 100}, 120, test::kRedBody);
  cv::Mat half = whole.appearance.clone();
  half.row(2).setTo(0);
  EXPECT_GT(likeness(whole.appearance, half), 0.9F);
  EXPECT_EQ(likeness(whole.appearance, cv::Mat::zeros(whole.appearance.size(), CV_32F)), 0);
  EXPECT_EQ(likeness(whole.appearance, {}), 0);
}

}  // namespace
}  // namespace retime
