#include "data/geometry/camera_plane.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <opencv2/imgproc.hpp>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "data/disc_scene.hpp"
#include "data/panning_scene.hpp"

namespace retime {
namespace {

using test::message_of;
using test::PanningScene;
using test::TemporaryFolder;
using testing::HasSubstr;

constexpr Size kTraining = {96, 64};

TEST(CameraPlane, BoundsCoverThePixelBordersOfAllFrames) {
  CameraPath camera;
  camera.frame_from_plane = {kIdentityHomography,
                             {1, 0, -10.2, 0, 1, 3, 0, 0, 1}};  // the second one lies 10.2 to the right
  update_bounds(camera, kTraining, 2);
  // Whole full pixels: 10.2 is rounded up to 10.5.
  EXPECT_EQ(camera.bounds, (std::array<double, 4>{-0.5, 96 - 0.5 + 10.5, -3.5, 63.5}));
  const CameraPlane plane(camera, kTraining, {192, 128});
  EXPECT_EQ(plane.plate_size(), (Size{213, 134}));
  EXPECT_EQ(plane.footprint(0) | cv::Rect(0, 6, 192, 128), plane.footprint(0));
  EXPECT_LE(plane.footprint(0).width, 194);
}

TEST(CameraPlane, AStillCameraGivesThePictureBack) {
  CameraPath camera;
  camera.frame_from_plane = {kIdentityHomography};
  update_bounds(camera, kTraining, 2);
  EXPECT_EQ(camera.bounds, (std::array<double, 4>{-0.5, 95.5, -0.5, 63.5}));
  const CameraPlane plane(camera, kTraining, {192, 128});
  const PanningScene scene(1);
  const cv::Mat there = plane.to_plate(scene.frame(0), 0, {0, 0, 192, 128}, cv::INTER_LANCZOS4);
  EXPECT_EQ(test::mean_difference(there, scene.frame(0)), 0.0);
  EXPECT_EQ(test::mean_difference(plane.to_frame(there, 0, cv::INTER_LANCZOS4), scene.frame(0)), 0.0);
}

TEST(CameraPlane, ThereAndBackIsTheSamePicture) {
  const PanningScene scene(12);
  CameraPath camera = scene.camera();
  update_bounds(camera, kTraining, 2);
  const CameraPlane plane(camera, kTraining, scene.size());
  const cv::Rect whole(0, 0, plane.plate_size().width, plane.plate_size().height);
  const cv::Mat back =
      plane.to_frame(plane.to_plate(scene.frame(11), 11, whole, cv::INTER_LANCZOS4), 11, cv::INTER_LANCZOS4);
  EXPECT_LT(test::mean_difference(back, scene.frame(11)), 1.0);
}

TEST(CameraPlane, CoverageMarksTheRim) {
  CameraPath camera;
  camera.frame_from_plane = {kIdentityHomography, {1, 0, -10, 0, 1, 0, 0, 0, 1}};
  update_bounds(camera, kTraining, 2);
  const cv::Mat shown = CameraPlane(camera, kTraining, {192, 128}).coverage(1, {0, 0, 212, 128});
  EXPECT_EQ(shown.at<uchar>(60, 19), 0);
  EXPECT_EQ(shown.at<uchar>(60, 21), 128);
  EXPECT_EQ(shown.at<uchar>(60, 30), 255);
}

TEST(CameraPlane, APathThatFitsNoPlaneIsRefused) {
  CameraPath far, behind;
  far.frame_from_plane = {kIdentityHomography, {1, 0, -2000, 0, 1, 0, 0, 0, 1}};
  EXPECT_THAT(message_of<Error>([&] { update_bounds(far, kTraining, 2); }), HasSubstr("frame 1 makes the panorama"));
  behind.frame_from_plane = {kIdentityHomography, {1, 0, 0, 0, 1, 0, 0.03, 0, 1}};
  EXPECT_THAT(message_of<Error>([&] { update_bounds(behind, kTraining, 2); }), HasSubstr("frame 1 is turned away"));
}

std::filesystem::path write(const TemporaryFolder& folder, const std::string& text) {
  std::ofstream(folder / "homographies.txt") << text;
  return folder / "homographies.txt";
}

TEST(Homographies, AreScaledToOurPixels) {
  const TemporaryFolder folder;
  const auto file =
      write(folder, "size: 800 400\nbounds: -80 880 0 400\n1 0 0 0 1 0 0 0 1\n1 0.5 40 0 1 -20 0.001 0 1\n");
  const auto camera = read_homographies(file, {400, 100}, 2);
  EXPECT_EQ(camera.bounds, (std::array<double, 4>{-40, 440, 0, 100}));
  ASSERT_EQ(camera.frame_from_plane.size(), 2U);
  // A point of the plane, mapped in the file's pixels and then scaled, is where our matrix maps the scaled point.
  // Pixels have their centres at integers.
  const double x = 200, y = 300, w = 0.001 * x + 1;
  const double frame_x = (x + 0.5 * y + 40) / w, frame_y = (y - 20) / w;
  const auto& h = camera.frame_from_plane[1];
  const double u = (x + 0.5) / 2 - 0.5, v = (y + 0.5) / 4 - 0.5, z = h[6] * u + h[7] * v + h[8];
  EXPECT_NEAR((h[0] * u + h[1] * v + h[2]) / z, (frame_x + 0.5) / 2 - 0.5, 1e-9);
  EXPECT_NEAR((h[3] * u + h[4] * v + h[5]) / z, (frame_y + 0.5) / 4 - 0.5, 1e-9);
}

TEST(Homographies, FaultsAreNamedWithTheirLine) {
  const TemporaryFolder folder;
  const std::string head = "size: 8 4\nbounds: 0 8 0 4\n";
  const auto fault = [&](const std::string& text, int frames = 1) {
    return message_of<Error>([&] { read_homographies(write(folder, text), {8, 4}, frames); });
  };
  EXPECT_THAT(fault("8 4\n"), HasSubstr("line 1"));
  EXPECT_THAT(fault("size: 8 4\nbounds: 8 0 0 4\n"), HasSubstr("bounds are empty"));
  EXPECT_THAT(fault(head + "1 0 0 0 1 0 0 0\n"), HasSubstr("line 3"));
  EXPECT_THAT(fault(head + "1 0 0 0 1 0 0 0 nan\n"), HasSubstr("line 3"));
  EXPECT_THAT(fault(head + "0 0 0 0 1 0 0 0 1\n"), HasSubstr("cannot be inverted"));
  EXPECT_THAT(fault(head + "1 0 0 0 1 0 0 0 1\n", 2), HasSubstr("1 homography for 2 frames"));
}

}  // namespace
}  // namespace retime
