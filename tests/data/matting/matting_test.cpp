#include "data/matting/matting.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "data/disc_scene.hpp"

namespace retime {
namespace {

using test::Disc;
using test::DiscScene;

const Disc kLeft{{50, 60}, {0, 0}, 14, test::kRed}, kRight{{140, 60}, {0, 0}, 14, test::kBlue};

MattingOptions quiet() {
  MattingOptions options;
  options.noise = 1.F;
  return options;
}

std::vector<Matte> mattes_of(const DiscScene& scene) {
  return solve_mattes(scene.frame(0), {scene.background(), {}, {}}, masks_of_frame(scene.tracks(), 0), quiet());
}

cv::Mat alpha_of(const Matte& matte) {
  cv::Mat alpha;
  cv::extractChannel(matte.rgba, alpha, 3);
  return alpha;
}

/// Premultiplied over: paints `matte` on `picture` (RGB, CV_8UC3).
void compose_over(const Matte& matte, cv::Mat& picture) {
  for (int y = 0; y < picture.rows; ++y)
    for (int x = 0; x < picture.cols; ++x) {
      const cv::Vec4b& m = matte.rgba.at<cv::Vec4b>(y, x);
      cv::Vec3b& p = picture.at<cv::Vec3b>(y, x);
      for (int c = 0; c < 3; ++c) p[c] = cv::saturate_cast<uchar>(m[c] + (p[c] * (255 - m[3]) + 127) / 255);
    }
}

TEST(Matting, MattesOverThePlateShowTheFrame) {
  const DiscScene scene(1, {kLeft, kRight}, 0.F);
  cv::Mat picture = scene.background().clone();
  for (const Matte& matte : mattes_of(scene)) compose_over(matte, picture);
  cv::Mat changed = scene.shade(0) < 0.97F;
  EXPECT_LT(test::mean_difference(picture, scene.frame(0), changed), 1.5);
  EXPECT_GT(test::mean_difference(scene.background(), scene.frame(0), changed), 20.0);
}

TEST(Matting, AlphaIsZeroAwayFromTheObject) {
  const DiscScene scene(1, {kLeft}, 0.F);
  const cv::Mat alpha = alpha_of(mattes_of(scene)[0]);
  EXPECT_EQ(cv::countNonZero(alpha.colRange(90, 192)), 0);
  EXPECT_EQ(cv::countNonZero(alpha.rowRange(0, 30)), 0);
}

TEST(Matting, BodyIsOpaqueAndShadowIsDarkWithPartialAlpha) {
  const DiscScene scene(1, {kLeft}, 0.F);
  const cv::Mat rgba = mattes_of(scene)[0].rgba;
  const cv::Vec4b body = rgba.at<cv::Vec4b>(60, 50), shadow = rgba.at<cv::Vec4b>(79, 50);
  EXPECT_EQ(body[3], 255);
  EXPECT_NEAR(body[0], 210, 4);
  EXPECT_NEAR(shadow[3] / 255.0, 1.0 - scene.shade(0).at<float>(79, 50), 0.08);
  EXPECT_LT(std::max({shadow[0], shadow[1], shadow[2]}), 30);
}

TEST(Matting, ColoursArePremultiplied) {
  const DiscScene scene(1, {kLeft, kRight}, 0.F);
  for (const Matte& matte : mattes_of(scene)) {
    for (auto p = matte.rgba.begin<cv::Vec4b>(); p != matte.rgba.end<cv::Vec4b>(); ++p) {
      ASSERT_LE(std::max({(*p)[0], (*p)[1], (*p)[2]}), (*p)[3]);
    }
  }
}

TEST(Matting, EffectsBelongToTheNearestObject) {
  const DiscScene scene(1, {kLeft, kRight}, 0.F);
  const auto mattes = mattes_of(scene);
  EXPECT_GT(alpha_of(mattes[0]).at<uchar>(79, 50), 60);
  EXPECT_EQ(alpha_of(mattes[1]).at<uchar>(79, 50), 0);
  EXPECT_GT(alpha_of(mattes[1]).at<uchar>(79, 140), 60);
}

TEST(Matting, FlickerFarAwayIsNoEffect) {
  const DiscScene scene(1, {kLeft}, 0.F);
  cv::Mat frame = scene.frame(0);
  frame({150, 90, 25, 25}) -= cv::Scalar::all(40);
  const auto mattes = solve_mattes(frame, {scene.background(), {}, {}}, masks_of_frame(scene.tracks(), 0), quiet());
  EXPECT_EQ(cv::countNonZero(alpha_of(mattes[0])(cv::Rect(145, 85, 40, 40))), 0);
}

TEST(Matting, AbsentObjectsHaveEmptyMattes) {
  const DiscScene scene(1, {kLeft, {{90, 60}, {0, 0}, 14, test::kBlue, 5, 9}}, 0.F);
  const auto mattes = mattes_of(scene);
  ASSERT_EQ(mattes.size(), 2U);
  EXPECT_EQ(mattes[1].rgba.size(), cv::Size(192, 128));
  EXPECT_EQ(cv::countNonZero(alpha_of(mattes[1])), 0);
}

TEST(Matting, AShadowStaysWithWhomHasJustLeft) {
  // The body is gone, its shadow is still to be seen at the picture's border.
  const DiscScene scene(1, {}, 0.F);
  cv::Mat frame = scene.frame(0), last = cv::Mat::zeros(frame.size(), CV_8U);
  frame({160, 70, 32, 20}) -= cv::Scalar::all(50);
  last({182, 50, 10, 25}).setTo(255);
  const MaskTrack track{"gone", {box_mask_from_full(last), {}, {}, {}, {}}};
  const auto near = effect_anchors({track}, 2, scene.size(), 3), late = effect_anchors({track}, 4, scene.size(), 3);
  EXPECT_FALSE(near[0].empty());
  EXPECT_TRUE(late[0].empty());
  const Backdrop backdrop{scene.background(), {}, {}};
  EXPECT_GT(alpha_of(solve_mattes(frame, backdrop, {{}}, quiet(), near)[0]).at<uchar>(80, 176), 60);
  EXPECT_EQ(cv::countNonZero(alpha_of(solve_mattes(frame, backdrop, {{}}, quiet(), late)[0])), 0);
}

TEST(Matting, WhatIsInFrontOfSomebodyHiddenIsNotHis) {
  const DiscScene scene(1, {kLeft}, 0.F);
  const BoxMask front = masks_of_frame(scene.tracks(), 0)[0];
  const auto mattes =
      solve_mattes(scene.frame(0), {scene.background(), {}, {}}, {BoxMask{}, front}, quiet(), {front, front});
  EXPECT_EQ(cv::countNonZero(alpha_of(mattes[0])(front.box) & front.crop()), 0);
  EXPECT_EQ(alpha_of(mattes[1]).at<uchar>(60, 50), 255);
}

TEST(Matting, AnotherPlateSizeIsAnError) {
  const DiscScene scene(1, {kLeft}, 0.F);
  const cv::Mat plate = scene.background().colRange(0, 100);
  EXPECT_THROW(solve_mattes(scene.frame(0), {plate, {}, {}}, masks_of_frame(scene.tracks(), 0), quiet()), Error);
}

cv::Vec3f over(const cv::Vec4b& rgba, const cv::Vec3f& b) {
  return cv::Vec3f(rgba[0], rgba[1], rgba[2]) + (1.F - static_cast<float>(rgba[3]) / 255.F) * b;
}

TEST(MatteAlpha, DarkeningIsBlackWithPartialAlpha) {
  const cv::Vec3f b(200, 100, 50), f = 0.7F * b;
  const float alpha = least_alpha(f, b);
  EXPECT_NEAR(alpha, 0.3F, 1e-5F);
  const cv::Vec4b rgba = premultiplied(f, b, alpha);
  for (int c = 0; c < 3; ++c) EXPECT_LE(rgba[c], 1);
}

TEST(MatteAlpha, LeastAlphaReproducesAnyColour) {
  const cv::Vec3f b(90, 140, 200);
  for (const cv::Vec3f& f :
       {cv::Vec3f(0, 0, 0), cv::Vec3f(255, 255, 255), cv::Vec3f(255, 0, 120), cv::Vec3f(95, 139, 201)}) {
    const cv::Vec3f shown = over(premultiplied(f, b, least_alpha(f, b)), b);
    for (int c = 0; c < 3; ++c) EXPECT_NEAR(shown[c], f[c], 1.2F);
  }
  EXPECT_EQ(least_alpha(b, b), 0.F);
}

TEST(MatteAlpha, NoiseNeedsNoAlpha) {
  const cv::Vec3f b(90, 140, 200);
  EXPECT_EQ(worthwhile_alpha(b + cv::Vec3f(3, -3, 2), b, 4.F), 0.F);
  EXPECT_GT(worthwhile_alpha(b - cv::Vec3f(20, 20, 20), b, 4.F), 0.05F);
}

TEST(MatteAlpha, WhereThereIsRoomADifferenceIsWorthWhatExplainsIt) {
  const cv::Vec3f b(180, 150, 120), f = 0.6F * b;
  EXPECT_NEAR(worthwhile_alpha(f, b, 0.F), least_alpha(f, b), 0.02F);
  EXPECT_NEAR(worthwhile_alpha({255, 255, 255}, b, 0.F), 1.F, 0.03F);
}

TEST(MatteAlpha, AFewLevelsOnBlackAreNotWorthAnOpaqueLayer) {
  const cv::Vec3f b(24, 12, 8), f(16, 5, 2);
  EXPECT_GT(least_alpha(f, b), 0.7F);
  EXPECT_LT(worthwhile_alpha(f, b, 4.F), 0.15F);
}

TEST(Matting, ADarkStripThatGetsALittleDarkerStaysInTheBackground) {
  // A body before a wall with a nearly black strip, which is a few levels darker beside the body.
  const cv::Rect body(60, 10, 20, 70), strip(0, 60, 160, 8);
  cv::Mat backdrop(90, 160, CV_8UC3, cv::Scalar(170, 165, 160));
  backdrop(strip).setTo(cv::Scalar(26, 14, 10));
  cv::Mat frame = backdrop.clone();
  frame(strip & cv::Rect(40, 0, 60, 90)).setTo(cv::Scalar(19, 7, 4));
  frame(body).setTo(cv::Scalar(40, 60, 180));
  const BoxMask mask(body, cv::Mat(body.size(), CV_8U, cv::Scalar(255)));
  const cv::Mat alpha = alpha_of(solve_mattes(frame, {backdrop, {}, {}}, {mask}, quiet())[0]);
  EXPECT_EQ(alpha.at<uchar>(40, 70), 255);
  EXPECT_LT(cv::mean(alpha(cv::Rect(44, 61, 10, 6)))[0], 40);
}

TEST(MatteAlpha, EdgePixelsAreProjectedBetweenObjectAndBackdrop) {
  const cv::Vec3f b(200, 200, 200), object(20, 40, 60);
  EXPECT_NEAR(projected_alpha(0.25F * object + 0.75F * b, object, b), 0.25F, 1e-4F);
  EXPECT_EQ(projected_alpha(cv::Vec3f(255, 255, 255), object, b), 0.F);
  EXPECT_LT(projected_alpha(b, b + cv::Vec3f(5, 5, 5), b), 0.F) << "too alike to tell";
}

}  // namespace
}  // namespace retime
