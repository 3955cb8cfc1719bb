#include "data/camera/camera_matching.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/calib3d.hpp>
#include <opencv2/features2d.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/video/tracking.hpp>

namespace retime {
namespace {

constexpr int kFeatures = 1500;
constexpr float kObjectMargin = 0.02F;  // of the width: points this near to an object are left out
constexpr float kDistinct = 0.8F;       // ratio of the best to the second best match's distance
constexpr double kFeatureError = 2.5;   // pixels
constexpr float kStill = 1.5F;          // pixels: matches that moved less did not move
constexpr int kCellsAcross = 14;        // of the picture: each gives as many corners at most
constexpr int kCornersPerCell = 8;
constexpr double kCornerError = 0.8;  // pixels
constexpr float kReturnError = 0.5F;  // pixels, of a corner followed there and back

using Points = std::vector<cv::Point2f>;

int count_still(const Points& first, const Points& second) {
  int still = 0;
  for (std::size_t i = 0; i < first.size(); ++i) still += cv::norm(first[i] - second[i]) < kStill;
  return still;
}

/// Fits a homography to pairs of points.
FrameMatch fit_match(const Points& first, const Points& second, double error) {
  FrameMatch match;
  match.points = static_cast<int>(first.size());
  if (first.size() < 8) return match;
  cv::Mat inliers;
  const cv::Mat h = cv::findHomography(first, second, cv::USAC_MAGSAC, error, inliers, 5000, 0.9999);
  if (h.empty() || !cv::checkRange(h) || std::abs(cv::determinant(h)) < 1e-9) return match;
  match.second_from_first = cv::Matx33d(h);
  match.inliers = cv::countNonZero(inliers);
  match.still = count_still(first, second);
  return match;
}

bool is_set(const cv::Mat& mask, const cv::Point2f& p) {
  const cv::Point pixel(cvRound(p.x), cvRound(p.y));
  return cv::Rect(0, 0, mask.cols, mask.rows).contains(pixel) && mask.at<uchar>(pixel) != 0;
}

/// Where a homography has the points.
Points moved(const Points& points, const cv::Matx33d& h) {
  Points result;
  if (!points.empty()) cv::perspectiveTransform(points, result, h);
  return result;
}

/// Corners from all over the picture, so that a few lively places do not outvote the rest.
Points spread_corners(const cv::Mat& gray, const cv::Mat& usable) {
  const int side = std::max(16, gray.cols / kCellsAcross);
  Points all;
  for (int y = 0; y < gray.rows; y += side)
    for (int x = 0; x < gray.cols; x += side) {
      const cv::Rect cell = cv::Rect(x, y, side, side) & cv::Rect(0, 0, gray.cols, gray.rows);
      if (cv::countNonZero(usable(cell)) < cell.area() / 8) continue;
      Points corners;
      cv::goodFeaturesToTrack(gray(cell), corners, kCornersPerCell, 0.1, 4, usable(cell));
      for (const auto& p : corners) all.push_back(p + cv::Point2f(static_cast<float>(x), static_cast<float>(y)));
    }
  return all;
}

void follow(const cv::Mat& from, const cv::Mat& to, const Points& points, Points& found, std::vector<uchar>& good) {
  std::vector<float> error;
  cv::calcOpticalFlowPyrLK(from, to, points, found, good, error, {17, 17}, 3,
                           {cv::TermCriteria::COUNT | cv::TermCriteria::EPS, 30, 0.01}, cv::OPTFLOW_USE_INITIAL_FLOW,
                           1e-4);
}

using Parameters = cv::Vec<double, 8>;  // added to the first eight entries of the similarity

constexpr int kSteps = 12;
constexpr int kAnchorGrid = 5;          // points across that hold the homography to the similarity
constexpr double kAnchorWeight = 0.05;  // of each, where a good point has 1
constexpr double kSampleReach = 2;      // errors that an inlier of the similarity may be off
constexpr double kFirstReach = 4;       // errors beyond which a point counts nothing, at first and at last
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
  for (int j = 0; j < kAnchorGrid; ++j)
    for (int i = 0; i < kAnchorGrid; ++i) {
      const cv::Point2d p(2.0 * i / (kAnchorGrid - 1) - 1, aspect * (2.0 * j / (kAnchorGrid - 1) - 1));
      equations.add(h, p, apply(similarity, p), kAnchorWeight);
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

cv::Mat background_of(const cv::Mat& objects) {
  const int margin = std::max(2, cvRound(kObjectMargin * static_cast<float>(objects.cols)));
  cv::Mat background;
  cv::dilate(objects, background, cv::getStructuringElement(cv::MORPH_RECT, {2 * margin + 1, 2 * margin + 1}));
  cv::bitwise_not(background, background);
  return background;
}

CameraFrame::CameraFrame(const cv::Mat& rgb, const cv::Mat& objects) : background_(background_of(objects)) {
  cv::cvtColor(rgb, gray_, cv::COLOR_RGB2GRAY);
}

CameraFrame CameraFrame::of_gray(cv::Mat gray, cv::Mat background) {
  CameraFrame frame;
  frame.gray_ = std::move(gray);
  frame.background_ = std::move(background);
  return frame;
}

const CameraFrame::Features& CameraFrame::features() const {
  if (features_) return *features_;
  features_.emplace();
  std::vector<cv::KeyPoint> keypoints;
  const auto orb = cv::ORB::create(kFeatures, 1.3F, 5, 15, 0, 2, cv::ORB::HARRIS_SCORE, 31, 8);
  orb->detectAndCompute(gray_, background_, keypoints, features_->descriptors);
  cv::KeyPoint::convert(keypoints, features_->points);
  return *features_;
}

const Points& CameraFrame::corners() const {
  if (!corners_) corners_ = spread_corners(gray_, background_);
  return *corners_;
}

FrameMatch match_features(const CameraFrame& first, const CameraFrame& second) {
  const auto &from = first.features(), &to = second.features();
  if (from.points.size() < 8 || to.points.size() < 8) return {};
  std::vector<std::vector<cv::DMatch>> nearest;
  cv::BFMatcher(cv::NORM_HAMMING).knnMatch(from.descriptors, to.descriptors, nearest, 2);
  Points a, b;
  for (const auto& pair : nearest) {
    if (pair.size() < 2 || pair[0].distance > kDistinct * pair[1].distance) continue;
    a.push_back(from.points[static_cast<std::size_t>(pair[0].queryIdx)]);
    b.push_back(to.points[static_cast<std::size_t>(pair[0].trainIdx)]);
  }
  return fit_match(a, b, kFeatureError);
}

FrameMatch align_frames(const CameraFrame& first, const CameraFrame& second, const cv::Matx33d& start) {
  const Points& corners = first.corners();
  if (corners.size() < 8) return {};
  const Points expected = moved(corners, start);
  Points there = expected, back = corners;
  std::vector<uchar> found, returned;
  follow(first.gray(), second.gray(), corners, there, found);
  follow(second.gray(), first.gray(), there, back, returned);
  Points a, b;
  for (std::size_t i = 0; i < corners.size(); ++i) {
    if (!found[i] || !returned[i] || cv::norm(back[i] - corners[i]) > kReturnError) continue;
    if (!is_set(second.background(), there[i])) continue;
    a.push_back(expected[i]);
    b.push_back(there[i]);
  }
  const PointFit fit = fit_correction(a, b, first.gray().size(), kCornerError);
  FrameMatch match;
  match.points = static_cast<int>(a.size());
  match.inliers = fit.inliers;
  match.still = count_still(a, b);
  match.second_from_first = fit.second_from_first * start;
  return match;
}

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
