#include "data/camera/camera_motion.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iomanip>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "data/disc_scene.hpp"
#include "data/geometry/camera_plane.hpp"
#include "data/panning_scene.hpp"

namespace retime {
namespace {

using test::message_of;
using test::PanningScene;
using test::path_error;
using test::TemporaryFolder;
using testing::HasSubstr;

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

constexpr int kFrames = 8;

TEST(CameraChoice, AutoEstimatesOnlyACameraThatMoves) {
  const PanningScene moving(kFrames), still(kFrames, 0);
  const auto path = choose_camera(moving, moving.tracks(), moving.training_size(), {});
  ASSERT_EQ(path.frame_from_plane.size(), static_cast<std::size_t>(kFrames));
  EXPECT_LT(path_error(path, moving.camera(), moving.training_size()), 0.5);
  EXPECT_TRUE(choose_camera(still, still.tracks(), still.training_size(), {}).frame_from_plane.empty());
}

TEST(CameraChoice, StaticIsBelieved) {
  const PanningScene moving(kFrames);
  const CameraRequest request{CameraMode::kStatic, {}, 0, false};
  EXPECT_TRUE(choose_camera(moving, moving.tracks(), moving.training_size(), request).frame_from_plane.empty());
}

// The file is of the whole clip; what is taken begins later.
TEST(CameraChoice, GivenHomographiesBeginWithTheFirstFrame) {
  const PanningScene scene(kFrames);
  const TemporaryFolder folder;
  {
    std::ofstream file(folder / "homographies.txt");
    file << "size: 96 64\nbounds: 0 96 0 64\n1 0 70 0 1 0 0 0 1\n1 0 71 0 1 0 0 0 1\n" << std::setprecision(12);
    for (const auto& h : scene.camera().frame_from_plane) {
      for (const double value : h) file << value << ' ';
      file << '\n';
    }
  }
  const CameraRequest request{CameraMode::kAuto, folder / "homographies.txt", 2, false};
  const auto path = choose_camera(scene, scene.tracks(), scene.training_size(), request);
  ASSERT_EQ(path.frame_from_plane.size(), static_cast<std::size_t>(kFrames));
  EXPECT_LT(path_error(path, scene.camera(), scene.training_size()), 0.5);
}

TEST(CameraChoice, TheRequestDecidesWhetherTheCameraStands) {
  const PanningScene moving(kFrames), still(kFrames, 0);
  EXPECT_FALSE(is_still_camera(moving, {}));
  EXPECT_TRUE(is_still_camera(still, {}));
  EXPECT_TRUE(is_still_camera(moving, {CameraMode::kStatic, {}, 0, false}));
  EXPECT_FALSE(is_still_camera(still, {CameraMode::kEstimate, {}, 0, false}));
}

}  // namespace
}  // namespace retime
