#include "data/background/plate.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "data/background/lighting.hpp"
#include "data/disc_scene.hpp"

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

// A floor of one colour with grain; a strip of it is in shadow two thirds of the time.
class ShadowedFloor final : public FrameSequence {
 public:
  explicit ShadowedFloor(double transmission = 0.7) : transmission_(transmission) {}
  int count() const override { return 30; }
  Size size() const override { return {192, 128}; }
  cv::Mat frame(int index) const override {
    cv::Mat picture(128, 192, CV_8UC3, cv::Scalar(150, 140, 130));
    if (index % 9 >= 3) picture(kShadow) *= transmission_;
    cv::RNG random(static_cast<std::uint64_t>(index) + 1);
    cv::Mat grain(picture.size(), CV_8UC3);
    random.fill(grain, cv::RNG::UNIFORM, 0, 3);
    return picture + grain;
  }
  // An object at `left` in every frame.
  static std::vector<MaskTrack> tracks(int left) {
    const BoxMask mask{{left, 30, 16, 50}, cv::Mat(50, 16, CV_8U, cv::Scalar(255))};
    return {{"somebody", std::vector<BoxMask>(30, mask)}};
  }
  static inline const cv::Rect kShadow{20, 60, 50, 12};

 private:
  double transmission_;
};

TEST(Plate, ShadowThatLiesMostOfTheTimeIsNotBackground) {
  const ShadowedFloor floor;
  const Plate plate = estimate_plate(floor, ShadowedFloor::tracks(80), {});
  EXPECT_NEAR(plate.color.at<cv::Vec3b>(66, 45)[0], 151, 4);
  EXPECT_NEAR(plate.color.at<cv::Vec3b>(110, 180)[0], 151, 4);
  const Plate far = estimate_plate(floor, ShadowedFloor::tracks(170), {});
  EXPECT_NEAR(far.color.at<cv::Vec3b>(66, 45)[0], 106, 4) << "nobody is near who could cast it";
}

TEST(Plate, FaintShadowThatLiesMostOfTheTimeIsNotBackground) {
  const ShadowedFloor floor(0.95);  // 7 levels
  const Plate plate = estimate_plate(floor, ShadowedFloor::tracks(80), {});
  EXPECT_NEAR(plate.color.at<cv::Vec3b>(66, 45)[0], 151, 2);
  const Plate far = estimate_plate(floor, ShadowedFloor::tracks(170), {});
  EXPECT_NEAR(far.color.at<cv::Vec3b>(66, 45)[0], 144, 2) << "nobody is near who could cast it";
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
