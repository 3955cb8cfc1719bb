#include "synth/synth_scene.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "synth/draw/raster.hpp"

namespace retime::synth {
namespace {

SynthOptions tiny_scene(const std::string& scene, int frames = 3) {
  SynthOptions options;
  options.scene = scene;
  options.size = "64x36";
  options.frames = frames;
  options.fps = 3;
  options.samples = 2;
  return options;
}

bool equal(const cv::Mat& a, const cv::Mat& b) {
  return a.size() == b.size() && a.type() == b.type() && cv::norm(a, b, cv::NORM_INF) == 0;
}

TEST(SynthScene, IsTheSameWithAnyNumberOfThreads) {
  const int threads = cv::getNumThreads();
  const SynthScene many(tiny_scene("splash"));
  cv::setNumThreads(1);
  const SynthScene one(tiny_scene("splash"));
  cv::setNumThreads(threads);
  EXPECT_TRUE(equal(many.background(1), one.background(1)));
  for (int object = 0; object < 2; ++object) EXPECT_TRUE(equal(many.layer(object, 1, 2), one.layer(object, 1, 2)));
  auto other = tiny_scene("splash");
  other.seed = 2;
  EXPECT_FALSE(equal(SynthScene(other).background(1), one.background(1)));
}

TEST(SynthScene, BodyMapsFitTheBody) {
  const SynthScene scene(tiny_scene("splash"));  // without loose cloth
  const cv::Mat body = scene.body(0, 1), iuv = scene.iuv(0, 1, scene.options().full_size());
  cv::Mat part;
  cv::extractChannel(iuv, part, 0);
  const int opaque = cv::countNonZero(body > 250), mapped = cv::countNonZero(part > 0);
  ASSERT_GT(mapped, 100);
  EXPECT_GT(cv::countNonZero((body > 250) & (part > 0)), 0.9 * opaque);  // hair has no part
  EXPECT_GT(cv::countNonZero((body > 100) & (part > 0)), 0.93 * mapped);
  const cv::Mat small = scene.iuv(0, 1, scene.options().training_size());
  EXPECT_EQ(small.cols, 64);
  cv::Mat around, small_part;  // a sample in the middle of four pixels has one of their kinds
  cv::resize(part, around, small.size(), 0, 0, cv::INTER_AREA);
  cv::extractChannel(small, small_part, 0);
  EXPECT_LE(cv::countNonZero((small_part > 0) & (around == 0)), 1);
  EXPECT_GT(cv::countNonZero(small_part > 0), mapped / 5);
}

TEST(SynthScene, KeypointsLieOnTheBody) {
  const SynthScene scene(tiny_scene("shadows"));
  for (int object = 0; object < 2; ++object) {
    cv::Mat body;
    cv::dilate(scene.body(object, 1), body, cv::Mat());
    int inside = 0;
    for (const cv::Point2d& p : scene.keypoints(object, 1))
      inside += body.at<uchar>(static_cast<int>(std::lround(p.y)), static_cast<int>(std::lround(p.x))) > 30;
    EXPECT_GE(inside, 16);
  }
}

TEST(SynthScene, ShadowsAreBlackAndReachBeyondTheBody) {
  auto options = tiny_scene("shadows");
  options.drift = 0;
  const SynthScene scene(options);
  const cv::Mat layer = scene.layer(0, 1, 1), body = scene.body(0, 1);
  int dark = 0;
  for (int y = 0; y < layer.rows; ++y)
    for (int x = 0; x < layer.cols; ++x) {
      const auto& p = layer.at<cv::Vec4b>(y, x);
      if (body.at<uchar>(y, x) != 0 || p[3] < 20) continue;
      ++dark;
      EXPECT_LT(p[0] + p[1] + p[2], 3);
    }
  EXPECT_GT(dark, 20);
}

TEST(SynthScene, LightOfAnOutputFrameFallsOnLayersFromOtherFrames) {
  auto options = tiny_scene("shadows");
  options.drift = 0.3;
  const SynthScene scene(options);
  double largest = 0;
  for (const int output : {0, 2}) {
    const cv::Mat own = scene.layer(0, 1, 1), lit = scene.layer(0, 1, output);
    cv::Mat alpha[2];
    cv::extractChannel(own, alpha[0], 3);
    cv::extractChannel(lit, alpha[1], 3);
    EXPECT_TRUE(equal(alpha[0], alpha[1]));
    const cv::Rect wall(40, 2, 12, 6);  // nothing there is so bright that it would be clipped
    const double layers = cv::mean(lit, alpha[0] > 250)[1] / cv::mean(own, alpha[0] > 250)[1];
    const double walls = cv::mean(scene.background(output)(wall))[1] / cv::mean(scene.background(1)(wall))[1];
    EXPECT_NEAR(layers, walls, 0.03);
    largest = std::max(largest, std::abs(walls - 1));
  }
  EXPECT_GT(largest, 0.1);
}

TEST(SynthScene, HomographiesMapBackgroundsOntoEachOther) {
  auto options = tiny_scene("camera", 3);
  options.size = "84x48";
  options.samples = 1;
  options.drift = 0;
  const SynthScene scene(options);
  const CameraPath path = scene.camera_path();
  cv::Mat frames[2];
  for (const int i : {0, 1}) cv::resize(scene.background(2 * i), frames[i], {84, 48}, 0, 0, cv::INTER_AREA);
  cv::Mat matrix(3, 3, CV_64F), aligned;
  for (std::size_t i = 0; i < 9; ++i)
    matrix.at<double>(static_cast<int>(i / 3), static_cast<int>(i % 3)) = path.frame_from_plane[2][i];
  cv::warpPerspective(frames[0], aligned, matrix, frames[0].size(), cv::INTER_CUBIC, cv::BORDER_CONSTANT);
  const cv::Rect shared(24, 8, 36, 32);  // seen by both
  EXPECT_GT(cv::PSNR(aligned(shared), frames[1](shared)), 26);
  EXPECT_LT(cv::PSNR(frames[0](shared), frames[1](shared)), 20);

  EXPECT_EQ(scene.plate().cols, std::lround(2 * (path.bounds[1] - path.bounds[0])));
  EXPECT_EQ(scene.plate().rows, std::lround(2 * (path.bounds[3] - path.bounds[2])));
  for (int t = 0; t < 3; ++t) {
    double least = 0;
    cv::Mat gray;
    cv::cvtColor(scene.background(t), gray, cv::COLOR_RGB2GRAY);
    cv::minMaxLoc(gray, &least, nullptr);
    EXPECT_GT(least, 0) << "a frame looks beyond the panorama";
  }
}

TEST(SynthScene, NearerPeopleAreInFront) {
  const SynthScene scene(tiny_scene("order", 6));
  EXPECT_EQ(scene.objects(), 3);
  for (int t = 0; t < 6; ++t) {
    const auto order = scene.order(t);
    EXPECT_GE(scene.depth(order[0], t), scene.depth(order[1], t));
    EXPECT_GE(scene.depth(order[1], t), scene.depth(order[2], t));
  }
  EXPECT_NE(scene.order(0), scene.order(5));
}

TEST(SynthOptions, AreChecked) {
  SynthOptions options;
  options.size = "224";
  EXPECT_THAT(test::message_of<UsageError>([&] { options.validate(); }), testing::HasSubstr("size is '224'"));
  options = {};
  options.frames = 1;
  EXPECT_THAT(test::message_of<UsageError>([&] { options.validate(); }), testing::HasSubstr("frames is 1"));
}

TEST(SynthRaster, InterpolatesInPerspective) {
  Mesh mesh;
  mesh.vertices = {{{-1, 0, 2}, {0, 0, -1}, 0, 0}, {{1, 0, 6}, {0, 0, -1}, 1, 0}, {{-1, 1, 2}, {0, 0, -1}, 0, 1}};
  mesh.triangles = {{0, 1, 2, Limb::kTorso}};
  Pinhole camera;
  camera.focal = 50;
  camera.cu = camera.cv = 32;
  camera.size = {64, 64};
  const FragmentBuffer drawn = rasterize(mesh, camera, {0, 0, 64, 64});
  const Fragment& f = drawn.at(25, 30);
  ASSERT_GE(f.triangle, 0);
  const Vertex v = surface_point(mesh, f);
  const Projected p = camera.project(v.position);
  EXPECT_NEAR(p.u, 25, 1e-3);
  EXPECT_NEAR(p.v, 30, 1e-3);
  EXPECT_NEAR(v.around, (v.position.x + 1) / 2, 1e-6);
}

}  // namespace
}  // namespace retime::synth
