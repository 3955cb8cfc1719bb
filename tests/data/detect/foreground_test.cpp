#include "data/detect/foreground.hpp"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "data/disc_scene.hpp"

namespace retime {
namespace {

using test::overlap;

/// A red disc with a soft shadow below it, before a textured background under the same light.
class Foreground : public testing::Test {
 protected:
  const test::DiscScene scene_{3, {{{90, 50}, {0, 0}, 18, test::kRed}}, 0.F};
  const cv::Mat frame_ = scene_.frame(0), backdrop_ = scene_.background(), body_ = scene_.mask(0, 0);
  const cv::Mat noise_{backdrop_.size(), CV_32F, cv::Scalar(1.F)};
  const cv::Mat shadow_ = (scene_.shade(0) < 0.85) & ~body_;

  cv::Mat eroded(const cv::Mat& mask) const {
    cv::Mat result;
    cv::erode(mask, result, cv::Mat::ones(5, 5, CV_8U));
    return result;
  }
};

TEST_F(Foreground, OddsTellBodiesFromShadowsAndBackground) {
  const cv::Mat odds = body_odds(frame_, backdrop_, noise_, {});
  ASSERT_EQ(odds.type(), CV_32F);
  double least = 0, most = 0;
  cv::minMaxLoc(odds, &least, &most);
  EXPECT_GE(least, -3.0);
  EXPECT_LE(most, 3.0);
  ASSERT_GT(cv::countNonZero(shadow_), 100);
  EXPECT_GT(cv::mean(odds, eroded(body_))[0], 1.5);
  EXPECT_LT(cv::mean(odds, shadow_)[0], 0.5) << "about even: its outline decides";
  EXPECT_LT(cv::mean(odds(cv::Rect(0, 100, 192, 28)))[0], -2.0);
}

TEST_F(Foreground, TheCutHoldsTheBodyWithoutItsShadow) {
  const cv::Mat cut = cut_bodies(frame_, backdrop_, noise_, {});
  EXPECT_GT(overlap(cut, body_), 0.85);
  EXPECT_LT(cv::countNonZero(cut & shadow_), cv::countNonZero(shadow_) / 5);
}

TEST_F(Foreground, AnEmptyFrameHasNoBody) {
  EXPECT_EQ(cv::countNonZero(cut_bodies(backdrop_, backdrop_, noise_, {})), 0);
}

TEST_F(Foreground, LargePicturesAreCutAtTheirOwnSize) {
  const auto enlarged = [](const cv::Mat& picture) {
    cv::Mat result;
    cv::resize(picture, result, {}, 4, 4, cv::INTER_LINEAR);
    return result;
  };
  const cv::Mat cut = cut_bodies(enlarged(frame_), enlarged(backdrop_), enlarged(noise_), {});
  ASSERT_EQ(cut.size(), cv::Size(4 * 192, 4 * 128));
  EXPECT_GT(overlap(cut, enlarged(body_) > 127), 0.85);
}

TEST_F(Foreground, AnOutlineThatIsAPixelOffIsMovedBack) {
  for (const bool too_large : {true, false}) {
    cv::Mat mask;
    const cv::Mat kernel = cv::getStructuringElement(cv::MORPH_ELLIPSE, {3, 3});
    too_large ? cv::dilate(body_, mask, kernel) : cv::erode(body_, mask, kernel);
    const double before = overlap(mask, body_);
    refine_outline(frame_, backdrop_, mask);
    EXPECT_GT(overlap(mask, body_), 0.97) << too_large;
    EXPECT_GT(overlap(mask, body_), before) << too_large;
  }
}

}  // namespace
}  // namespace retime
