#include "data/camera/camera_fit.hpp"

#include <cmath>
#include <opencv2/calib3d.hpp>

namespace retime {
namespace {

using Points = std::vector<cv::Point2f>;
using Parameters = cv::Vec<double, 8>;  // added to the first eight entries of the similarity

constexpr int kSteps = 12;
constexpr int kGrid = 5;              // points across that hold the homography to the similarity
constexpr double kGridWeight = 0.05;  // of each, where a good point has 1
constexpr double kSampleReach = 2;    // errors that an inlier of the similarity may be off
constexpr double kFirstReach = 4;     // errors beyond which a point counts nothing, at first and at last
constexpr double kLastReach = 2.5;

/// Takes pixels to coordinates of about -1..1, in which the matrix's entries are alike in size.
cv::Matx33d normalization(cv::Size size) {
  const double scale = 2.0 / size.width;
  return {scale, 0, -1, 0, scale, -scale * size.height / 2, 0, 0, 1};
}

cv::Point2d apply(const cv::Matx33d& h, const cv::Point2d& p) {
  const cv::Vec3d q = h * cv::Vec3d(p.x, p.y, 1);
  return {q[0] / q[2], q[1] / q[2]};
}

/// Normal equations of the least squares problem, linearised at `h`.
struct NormalEquations {
  cv::Matx<double, 8, 8> a = cv::Matx<double, 8, 8>::zeros();
  cv::Vec<double, 8> b;

  void add(const cv::Matx33d& h, const cv::Point2d& p, const cv::Point2d& target, double weight) {
    const double w = h(2, 0) * p.x + h(2, 1) * p.y + h(2, 2);
    const cv::Point2d q = apply(h, p);
    const Parameters jx{p.x / w, p.y / w, 1 / w, 0, 0, 0, -q.x * p.x / w, -q.x * p.y / w};
    const Parameters jy{0, 0, 0, p.x / w, p.y / w, 1 / w, -q.y * p.x / w, -q.y * p.y / w};
    a += weight * (jx * jx.t() + jy * jy.t());
    b += weight * ((target.x - q.x) * jx + (target.y - q.y) * jy);
  }
};

double tukey(double r) { return r >= 1 ? 0 : (1 - r * r) * (1 - r * r); }

/// One step from `h`; `reach` and points in normalised coordinates.
cv::Matx33d improved(const cv::Matx33d& h, const cv::Matx33d& similarity, const std::vector<cv::Point2d>& first,
                     const std::vector<cv::Point2d>& second, double aspect, double reach) {
  NormalEquations equations;
  for (std::size_t i = 0; i < first.size(); ++i)
    equations.add(h, first[i], second[i], tukey(cv::norm(apply(h, first[i]) - second[i]) / reach));
  for (int j = 0; j < kGrid; ++j)
    for (int i = 0; i < kGrid; ++i) {
      const cv::Point2d p(2.0 * i / (kGrid - 1) - 1, aspect * (2.0 * j / (kGrid - 1) - 1));
      equations.add(h, p, apply(similarity, p), kGridWeight);
    }
  Parameters step;
  if (!cv::solve(equations.a, equations.b, step, cv::DECOMP_CHOLESKY)) return h;
  cv::Matx33d result = h;
  for (int k = 0; k < 8; ++k) result.val[k] += step[k];
  return result;
}

std::vector<cv::Point2d> normalized(const Points& points, const cv::Matx33d& n) {
  std::vector<cv::Point2d> result;
  for (const auto& p : points) result.push_back(apply(n, p));
  return result;
}

}  // namespace

PointFit fit_correction(const Points& first, const Points& second, cv::Size size, double error) {
  PointFit fit;
  if (first.size() < 8) return fit;
  const cv::Mat partial =
      cv::estimateAffinePartial2D(first, second, cv::noArray(), cv::RANSAC, kSampleReach * error, 5000, 0.999, 10);
  if (partial.empty()) return fit;
  const cv::Matx23d m(partial);
  const cv::Matx33d n = normalization(size);
  const cv::Matx33d similarity =
      n * cv::Matx33d(m(0, 0), m(0, 1), m(0, 2), m(1, 0), m(1, 1), m(1, 2), 0, 0, 1) * n.inv();
  const auto a = normalized(first, n), b = normalized(second, n);
  const double unit = error * 2.0 / size.width, aspect = static_cast<double>(size.height) / size.width;
  cv::Matx33d h = similarity;
  for (int step = 0; step < kSteps; ++step) {
    const double share = static_cast<double>(step) / (kSteps - 1);
    h = improved(h, similarity, a, b, aspect, unit * (kFirstReach + share * (kLastReach - kFirstReach)));
  }
  for (std::size_t i = 0; i < a.size(); ++i) fit.inliers += cv::norm(apply(h, a[i]) - b[i]) < unit;
  fit.second_from_first = n.inv() * h * n;
  return fit;
}

}  // namespace retime
