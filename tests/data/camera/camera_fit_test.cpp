#include "data/camera/camera_fit.hpp"

#include <gtest/gtest.h>

#include <random>

namespace retime {
namespace {

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
