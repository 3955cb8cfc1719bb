#include "data/camera/camera_motion.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "data/disc_scene.hpp"
#include "data/geometry/camera_plane.hpp"
#include "data/panning_scene.hpp"

namespace retime {
namespace {

using test::PanningScene;

TEST(CameraMotion, APanIsToldFromAStillCamera) {
  const PanningScene pan(12), still(12, 0.0);
  EXPECT_TRUE(camera_moves(pan, pan.tracks()));
  EXPECT_FALSE(camera_moves(still, still.tracks()));
  EXPECT_FALSE(camera_moves(still, {})) << "the disc moves, the camera does not";
}

TEST(CameraMotion, APathIsFoundToAFractionOfAPixel) {
  const PanningScene scene(16);
  const CameraPath camera = estimate_camera(scene, scene.tracks(), scene.training_size());
  ASSERT_EQ(camera.frame_from_plane.size(), 16U);
  EXPECT_LT(test::path_error(camera, scene.camera(), scene.training_size()), 0.25);
  EXPECT_LT(camera.bounds[0], 0);
  EXPECT_GT(camera.bounds[1], 95.5 + 10) << "the pan of 15 pixels";
}

TEST(CameraMotion, RefinementCorrectsAnInexactPath) {
  const PanningScene scene(10);
  CameraPath camera = scene.camera();
  for (std::size_t t = 1; t < 10; ++t) camera.frame_from_plane[t][2] += t % 2 ? 0.6 : -0.5;
  update_bounds(camera, scene.training_size(), 2);
  refine_camera(scene, scene.tracks(), scene.training_size(), 3, camera);
  EXPECT_LT(test::path_error(camera, scene.camera(), scene.training_size()), 0.2);
}

TEST(CameraMotion, RefinementLeavesAnExactPathAlone) {
  const PanningScene scene(10);
  CameraPath camera = scene.camera();
  update_bounds(camera, scene.training_size(), 2);
  refine_camera(scene, scene.tracks(), scene.training_size(), 1, camera);
  EXPECT_LT(test::path_error(camera, scene.camera(), scene.training_size()), 0.06);
}

}  // namespace
}  // namespace retime
