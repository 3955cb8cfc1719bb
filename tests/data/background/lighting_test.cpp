#include "data/background/lighting.hpp"

#include <gtest/gtest.h>

#include "data/disc_scene.hpp"

namespace retime {
namespace {

using test::DiscScene;

TEST(Lighting, RecoversTheExposureOfEveryFrame) {
  const DiscScene scene(12, {{{20, 60}, {8, 0}, 14, test::kRed}}, 0.15F);
  LightingOptions options;
  options.smoothing_radius = 0;
  const auto lighting = estimate_lighting(scene, scene.background(), {}, scene.tracks(), options);
  ASSERT_EQ(lighting.size(), 12U);
  for (int t = 0; t < 12; ++t) {
    const FrameLighting& l = lighting[static_cast<std::size_t>(t)];
    // At the background's mean: gain and offset trade off against each other away from it.
    for (int c = 0; c < 3; ++c) EXPECT_NEAR(l.gain[c] * 130.F + l.offset[c], scene.gain(t) * 130.F, 1.2F) << t;
  }
}

TEST(Lighting, AFrameThatShowsNoBackgroundIsLitAsTheOneBesideIt) {
  const DiscScene scene(4, {}, 0.15F);
  LightingOptions options;
  options.smoothing_radius = 0;
  const cv::Size size = scene.background().size();
  MaskTrack covered{"", std::vector<BoxMask>(4)};
  covered.frames[2] = {cv::Rect({}, size), cv::Mat(size, CV_8U, cv::Scalar(255))};
  const auto lighting = estimate_lighting(scene, scene.background(), {}, {covered}, options);
  EXPECT_EQ(lighting[2].gain, lighting[1].gain);
  EXPECT_NE(lighting[1].gain, lighting[3].gain);
}

TEST(Lighting, RecoversGainAndOffsetOfEachChannel) {
  const DiscScene scene(1, {}, 0.F);
  cv::Mat frame;
  cv::multiply(scene.background(), cv::Scalar(0.8, 1.1, 0.9), frame);
  cv::add(frame, cv::Scalar(20, -5, 3), frame);
  const cv::Mat everywhere(frame.size(), CV_8U, cv::Scalar(255));
  const FrameLighting l = fit_lighting(frame, scene.background(), everywhere, {});
  const float gains[] = {0.8F, 1.1F, 0.9F}, offsets[] = {20.F, -5.F, 3.F};
  for (int c = 0; c < 3; ++c) {
    EXPECT_NEAR(l.gain[c], gains[c], 0.02F);
    EXPECT_NEAR(l.offset[c], offsets[c], 2.F);
  }
  EXPECT_LT(test::mean_difference(lit_plate(scene.background(), l), frame), 0.7);
  EXPECT_LT(test::mean_difference(unlit_frame(frame, l), scene.background()), 0.9);
}

TEST(Lighting, AnUnmaskedObjectDoesNotPullTheFit) {
  const DiscScene scene(1, {{{90, 64}, {0, 0}, 30, cv::Scalar(5, 5, 5)}}, 0.F);
  const cv::Mat everywhere(scene.background().size(), CV_8U, cv::Scalar(255));
  const FrameLighting l = fit_lighting(scene.frame(0), scene.background(), everywhere, {});
  for (int c = 0; c < 3; ++c) EXPECT_NEAR(l.gain[c] * 130.F + l.offset[c], 130.F, 1.F);
}

TEST(Lighting, TheFieldFollowsAGradientOfLight) {
  const DiscScene scene(1, {}, 0.F);
  cv::Mat frame = scene.background().clone();
  for (int x = 0; x < frame.cols; ++x) frame.col(x) += cv::Scalar::all(12.0 * x / frame.cols);
  const cv::Mat everywhere(frame.size(), CV_8U, cv::Scalar(255));
  LightingOptions global;
  global.field_size = {};
  const auto error = [&](const LightingOptions& options) {
    const FrameLighting l = fit_lighting(frame, scene.background(), everywhere, options);
    return test::mean_difference(lit_plate(scene.background(), l), frame);
  };
  EXPECT_GT(error(global), 2.0);
  EXPECT_LT(error({}), 1.0);
}

TEST(Lighting, NothingUsableGivesTheIdentity) {
  const DiscScene scene(1, {}, 0.F);
  const cv::Mat nowhere(scene.background().size(), CV_8U, cv::Scalar(0));
  const FrameLighting l = fit_lighting(scene.frame(0), scene.background(), nowhere, {});
  EXPECT_EQ(l.gain, cv::Vec3f(1, 1, 1));
  EXPECT_EQ(l.offset, cv::Vec3f(0, 0, 0));
  EXPECT_EQ(test::mean_difference(lit_plate(scene.background(), l), scene.background()), 0.0);
}

/// y = 0.8 x + 12 with a small ripple; every `outlier`-th sample is far off.
LineSamples line_with_outliers(int n, int outlier) {
  LineSamples s;
  for (int i = 0; i < n; ++i) {
    const float x = static_cast<float>(i % 200) + 20.F, ripple = static_cast<float>(i % 3 - 1);
    s.x.push_back(x);
    s.y.push_back(i % outlier == 0 ? 5.F : 0.8F * x + 12.F + ripple);
  }
  return s;
}

TEST(RobustLine, FindsTheLineThroughAThirdOfOutliers) {
  const Line line = fit_line(line_with_outliers(3000, 3));
  EXPECT_NEAR(line.gain, 0.8F, 0.01F);
  EXPECT_NEAR(line.offset, 12.F, 1.F);
}

TEST(RobustLine, OneBrightnessOnlyKeepsTheLevel) {
  LineSamples s;
  for (int i = 0; i < 200; ++i) s.x.push_back(100.F), s.y.push_back(90.F + static_cast<float>(i % 2));
  const Line line = fit_line(s);
  EXPECT_NEAR(100.F * line.gain + line.offset, 90.5F, 0.3F);
  EXPECT_NEAR(line.offset, 0.F, 2.F);
}

TEST(RobustLine, TooFewSamplesGiveTheIdentity) {
  const Line line = fit_line(line_with_outliers(49, 100));
  EXPECT_EQ(line.gain, 1.F);
  EXPECT_EQ(line.offset, 0.F);
}

}  // namespace
}  // namespace retime
