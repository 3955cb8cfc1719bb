#include "data/background/scene_backdrop.hpp"

#include <gtest/gtest.h>

#include "data/disc_scene.hpp"
#include "data/panning_scene.hpp"

namespace retime {
namespace {

using test::PanningScene;

CameraPath true_camera(const PanningScene& scene) {
  CameraPath camera = scene.camera();
  update_bounds(camera, scene.training_size(), 2);
  return camera;
}

TEST(SceneBackdrop, EachFramesViewOfThePanoramaIsItsBackground) {
  const PanningScene scene(16);
  const SceneBackdrop backdrop(scene, scene.tracks(), true_camera(scene), scene.training_size());
  EXPECT_GT(backdrop.plate().color.cols, scene.size().width);
  for (const int t : {0, 7, 15}) {
    const Backdrop view = backdrop.frame(t);
    EXPECT_LT(test::mean_difference(view.color, scene.background(t), view.observed), 1.6) << "frame " << t;
    EXPECT_GT(cv::countNonZero(view.observed), 0.97 * static_cast<double>(view.observed.total()));
  }
}

TEST(SceneBackdrop, WithAMovingCameraNoiseAllowsForSteepEdges) {
  const PanningScene scene(10);
  const SceneBackdrop backdrop(scene, scene.tracks(), true_camera(scene), scene.training_size());
  const cv::Mat noise = backdrop.frame(4).noise;
  double least = 0, most = 0;
  cv::minMaxLoc(noise, &least, &most);
  EXPECT_LT(least, 2.5);
  EXPECT_GT(most, 1.5 * least);
  EXPECT_GT(most, 3.0);
}

TEST(SceneBackdrop, AStillCameraUsesThePlateAsItIs) {
  const test::DiscScene scene(12, {{{20, 60}, {12, 0}, 14, test::kRed}});
  const SceneBackdrop backdrop(scene, scene.tracks(), {}, {96, 64});
  const Plate plate = estimate_plate(scene, scene.tracks(), {});
  EXPECT_EQ(test::mean_difference(backdrop.plate().color, plate.color), 0.0);
  const auto lighting = estimate_lighting(scene, plate.color, plate.observed, scene.tracks(), {});
  EXPECT_EQ(test::mean_difference(backdrop.frame(5).color, lit_plate(plate.color, lighting[5])), 0.0);
  EXPECT_EQ(cv::norm(backdrop.frame(5).noise, plate.noise, cv::NORM_INF), 0.0);
  EXPECT_EQ(backdrop.lighting().gain.size(), 36U);
  EXPECT_EQ(backdrop.lighting().grid, (Size{8, 5}));
}

TEST(SceneBackdrop, StripsGiveTheSamePanorama) {
  const PanningScene scene(8);
  const CameraPlane plane(true_camera(scene), scene.training_size(), scene.size());
  PlateOptions strips;
  strips.memory_mib = 0;
  const Plate whole = estimate_plate(scene, scene.tracks(), plane, {});
  const Plate split = estimate_plate(scene, scene.tracks(), plane, strips);
  EXPECT_LT(test::mean_difference(whole.color, split.color), 0.02) << "but for how coordinates are rounded";
}

}  // namespace
}  // namespace retime
