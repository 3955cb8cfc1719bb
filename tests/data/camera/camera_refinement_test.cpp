#include <gtest/gtest.h>

#include "data/camera/camera_motion.hpp"
#include "data/geometry/camera_plane.hpp"
#include "data/panning_scene.hpp"

namespace retime {
namespace {

using test::PanningScene;

TEST(CameraRefinement, CorrectsAnInexactPath) {
  const PanningScene scene(10);
  CameraPath camera = scene.camera();
  for (std::size_t t = 1; t < 10; ++t) camera.frame_from_plane[t][2] += t % 2 ? 0.6 : -0.5;
  update_bounds(camera, scene.training_size(), 2);
  refine_camera(scene, scene.tracks(), scene.training_size(), 3, camera);
  EXPECT_LT(test::path_error(camera, scene.camera(), scene.training_size()), 0.2);
}

TEST(CameraRefinement, LeavesAnExactPathAlone) {
  const PanningScene scene(10);
  CameraPath camera = scene.camera();
  update_bounds(camera, scene.training_size(), 2);
  refine_camera(scene, scene.tracks(), scene.training_size(), 1, camera);
  EXPECT_LT(test::path_error(camera, scene.camera(), scene.training_size()), 0.06);
}

TEST(CameraRefinement, ThePlaneStaysThatOfTheFirstFrameAndBoundsFollow) {
  const PanningScene scene(6);
  CameraPath camera = scene.camera();
  for (Homography& h : camera.frame_from_plane) h[2] += 0.4;
  camera.frame_from_plane[3][5] -= 0.7;
  update_bounds(camera, scene.training_size(), 2);
  refine_camera(scene, scene.tracks(), scene.training_size(), 2, camera);
  for (std::size_t k = 0; k < 9; ++k) EXPECT_NEAR(camera.frame_from_plane[0][k], kIdentityHomography[k], 1e-9) << k;
  EXPECT_LT(test::path_error(camera, scene.camera(), scene.training_size()), 0.2);
  CameraPath same = camera;
  update_bounds(same, scene.training_size(), 2);
  EXPECT_EQ(same.bounds, camera.bounds);
}

TEST(CameraRefinement, WithoutRoundsNothingChanges) {
  const PanningScene scene(4);
  CameraPath camera = scene.camera();
  camera.frame_from_plane[2][2] += 0.5;
  update_bounds(camera, scene.training_size(), 2);
  const auto before = camera.frame_from_plane;
  refine_camera(scene, scene.tracks(), scene.training_size(), 0, camera);
  EXPECT_EQ(camera.frame_from_plane, before);
}

}  // namespace
}  // namespace retime
