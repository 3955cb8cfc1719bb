#include "data/camera/camera_matching.hpp"

#include <gtest/gtest.h>

#include <random>

#include "data/panning_scene.hpp"

namespace retime {
namespace {

using test::PanningScene;

cv::Matx33d matrix(const Homography& h) { return cv::Matx33d(h.data()); }

/// The true homography from frame 0 to frame `t`, in pixels of the frames.
cv::Matx33d truth(const PanningScene& scene, int t) {
  const auto path = scene.camera();
  const auto in_frames = [&](int frame) {
    return in_scaled_pixels(path.frame_from_plane[static_cast<std::size_t>(frame)], 2, 2);
  };
  return matrix(in_frames(t)) * matrix(in_frames(0)).inv();
}

/// Largest distance in pixels between where two homographies have the frame's corners.
double corner_error(const cv::Matx33d& a, const cv::Matx33d& b, Size size) {
  const std::vector<cv::Point2d> corners{
      {0, 0}, {size.width - 1.0, 0}, {0, size.height - 1.0}, {size.width - 1.0, size.height - 1.0}};
  std::vector<cv::Point2d> at_a, at_b;
  cv::perspectiveTransform(corners, at_a, a);
  cv::perspectiveTransform(corners, at_b, b);
  double worst = 0;
  for (std::size_t i = 0; i < corners.size(); ++i) worst = std::max(worst, cv::norm(at_a[i] - at_b[i]));
  return worst;
}

class CameraMatching : public testing::Test {
 protected:
  CameraFrame seen(int t) const { return {scene_.frame(t), scene_.mask(t)}; }
  const PanningScene scene_{8, 4.0};
};

TEST_F(CameraMatching, FeaturesLieOnTheBackgroundOnly) {
  const CameraFrame frame = seen(2);
  const auto& [points, descriptors] = frame.features();
  ASSERT_GT(points.size(), 50U);
  ASSERT_EQ(descriptors.rows, static_cast<int>(points.size()));
  for (const auto& p : points) EXPECT_EQ(scene_.mask(2).at<uchar>(cv::Point(cvRound(p.x), cvRound(p.y))), 0);
}

TEST_F(CameraMatching, FeaturesGiveTheMotionAndAlignmentMakesItExact) {
  const CameraFrame first = seen(0), second = seen(5);
  const FrameMatch rough = match_features(first, second);
  EXPECT_TRUE(rough.is_sure());
  EXPECT_LT(corner_error(rough.second_from_first, truth(scene_, 5), scene_.size()), 6.0);
  const FrameMatch fine = align_frames(first, second, rough.second_from_first);
  EXPECT_TRUE(fine.is_sure());
  EXPECT_LT(corner_error(fine.second_from_first, truth(scene_, 5), scene_.size()), 0.3);
}

TEST_F(CameraMatching, AStillCameraIsSeenAsSuch) {
  const PanningScene still(3, 0.0);
  const FrameMatch match =
      match_features(CameraFrame(still.frame(0), still.mask(0)), CameraFrame(still.frame(2), still.mask(2)));
  EXPECT_TRUE(match.is_sure());
  EXPECT_GT(match.still, 9 * match.inliers / 10);
  const FrameMatch panned = match_features(seen(0), seen(5));
  EXPECT_LT(panned.still, panned.points / 4);
}

TEST_F(CameraMatching, PicturesWithoutCornersAreNotMatched) {
  const cv::Mat flat(128, 192, CV_8UC3, cv::Scalar(90, 90, 90)), nobody = cv::Mat::zeros(128, 192, CV_8U);
  const CameraFrame blank(flat, nobody);
  EXPECT_FALSE(match_features(blank, seen(0)).is_sure());
  EXPECT_FALSE(align_frames(blank, blank, cv::Matx33d::eye()).is_sure());
}

using Points = std::vector<cv::Point2f>;
constexpr int kWidth = 320, kHeight = 200;

cv::Point2f apply(const cv::Matx33d& h, const cv::Point2f& p) {
  const cv::Vec3d q = h * cv::Vec3d(p.x, p.y, 1);
  return {static_cast<float>(q[0] / q[2]), static_cast<float>(q[1] / q[2])};
}

/// Points of which `strays` of a hundred move by themselves, to about the same side; the others follow `h`.
void make_pairs(const cv::Matx33d& h, int strays, Points& first, Points& second) {
  std::mt19937 random(5);
  std::uniform_real_distribution<float> x(0, kWidth), y(0, kHeight), wave(2, 9);
  std::normal_distribution<float> noise(0, 0.15F);
  for (int i = 0; i < 300; ++i) {
    first.push_back({x(random), y(random)});
    second.push_back(i % 100 < strays ? first.back() + cv::Point2f(wave(random), 0.3F * wave(random))
                                      : apply(h, first.back()) + cv::Point2f(noise(random), noise(random)));
  }
}

double worst_corner(const cv::Matx33d& a, const cv::Matx33d& b) {
  double worst = 0;
  for (const cv::Point2f& p :
       {cv::Point2f(0, 0), cv::Point2f(kWidth, 0), cv::Point2f(0, kHeight), cv::Point2f(kWidth, kHeight)})
    worst = std::max(worst, cv::norm(apply(a, p) - apply(b, p)));
  return worst;
}

TEST(CameraFit, FindsAHomographyAmongManyStrays) {
  const cv::Matx33d h(1.004, -0.012, 3.2, 0.011, 1.002, -1.7, 1.2e-5, -0.8e-5, 1);
  Points first, second;
  make_pairs(h, 55, first, second);
  const PointFit fit = fit_correction(first, second, {kWidth, kHeight}, 0.8);
  EXPECT_LT(worst_corner(fit.second_from_first, h), 0.25);
  EXPECT_GT(fit.inliers, 120);
  EXPECT_LT(fit.inliers, 150);
}

TEST(CameraFit, WherePointsTellLittleItStaysASimilarity) {
  // All points in one corner: a free homography would run wild on the other side.
  const cv::Matx33d h(1, -0.01, 2, 0.01, 1, -1, 0, 0, 1);
  Points first, second, near_first, near_second;
  make_pairs(h, 0, first, second);
  for (std::size_t i = 0; i < first.size(); ++i)
    if (first[i].x < 90 && first[i].y < 80) near_first.push_back(first[i]), near_second.push_back(second[i]);
  EXPECT_LT(worst_corner(fit_correction(near_first, near_second, {kWidth, kHeight}, 0.8).second_from_first, h), 1.0);
}

TEST(CameraFit, TooFewPointsGiveNoInliers) {
  EXPECT_EQ(fit_correction({{1, 1}, {5, 5}}, {{1, 1}, {5, 5}}, {kWidth, kHeight}, 1).inliers, 0);
}

}  // namespace
}  // namespace retime
