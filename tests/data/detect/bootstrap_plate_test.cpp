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

}  // namespace
}  // namespace retime
