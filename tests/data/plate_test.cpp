#include "data/plate.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "data/lighting.hpp"
#include "disc_scene.hpp"

namespace retime {
namespace {

using test::DiscScene;

/// The plate's error in levels after a global change of light, which is arbitrary, is taken out.
double plate_error(const Plate& plate, const DiscScene& scene) {
  LightingOptions options;
  options.field_size = {};
  const FrameLighting l = fit_lighting(plate.color, scene.background(), plate.observed, options);
  return test::mean_difference(unlit_frame(plate.color, l), scene.background(), plate.observed);
}

TEST(Plate, ShowsTheSceneWithoutObjectsAndShadows) {
  const DiscScene scene(30, {{{-20, 50}, {8, 0}, 14, test::kRed}, {{210, 90}, {-8, 0}, 14, test::kBlue}});
  const Plate plate = estimate_plate(scene, scene.tracks(), {});
  EXPECT_EQ(cv::countNonZero(plate.observed), static_cast<int>(plate.observed.total()));
  EXPECT_LT(plate_error(plate, scene), 1.2);
  EXPECT_LT(cv::mean(plate.noise)[0], 3.0);
}

TEST(Plate, AnObjectThatStandsForMostOfTheClipIsLeftOut) {
  // There in 24 of 30 frames, so that the plain median would show it.
  const DiscScene scene(30, {{{90, 64}, {0, 0}, 14, test::kRed, 0, 23}});
  EXPECT_LT(plate_error(estimate_plate(scene, scene.tracks(), {}), scene), 1.0);
  EXPECT_GT(plate_error(estimate_plate(scene, {}, {}), scene), 2.0);
}

TEST(Plate, WhatIsNeverSeenIsMarked) {
  const DiscScene scene(10, {{{90, 64}, {0, 0}, 14, test::kRed}});
  const Plate plate = estimate_plate(scene, scene.tracks(), {});
  EXPECT_EQ(plate.observed.at<uchar>(64, 90), 0);
  EXPECT_EQ(plate.observed.at<uchar>(64, 20), 255);
  // The rest of the dilated mask falls back to the bare mask.
  EXPECT_EQ(plate.observed.at<uchar>(64, 90 + 14 + 5), 255);
  EXPECT_GT(plate.color.at<cv::Vec3b>(64, 90)[1], 60) << "inpainted from around, not the object's red";
}

TEST(Plate, StripsGiveTheSamePlate) {
  const DiscScene scene(12, {{{20, 60}, {12, 0}, 14, test::kRed}});
  PlateOptions strips;
  strips.memory_mib = 0;
  const Plate whole = estimate_plate(scene, scene.tracks(), {}), split = estimate_plate(scene, scene.tracks(), strips);
  EXPECT_EQ(test::mean_difference(whole.color, split.color), 0.0);
}

TEST(Plate, AnEmptyClipIsAnError) {
  const DiscScene scene(0, {});
  EXPECT_THROW(estimate_plate(scene, {}, {}), Error);
}

}  // namespace
}  // namespace retime
