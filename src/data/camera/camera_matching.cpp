#include "data/camera/camera_matching.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/calib3d.hpp>
#include <opencv2/features2d.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/video/tracking.hpp>

#include "data/camera/camera_fit.hpp"

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

}  // namespace

cv::Mat background_of(const cv::Mat& objects) {
  const int margin = std::max(2, cvRound(kObjectMargin * static_cast<float>(objects.cols)));
  cv::Mat background;
  cv::dilate(objects, background, cv::getStructuringElement(cv::MORPH_RECT, {2 * margin + 1, 2 * margin + 1}));
  cv::bitwise_not(background, background);
  return background;
}

CameraFrame camera_frame(const cv::Mat& rgb, const cv::Mat& objects) {
  CameraFrame frame;
  cv::cvtColor(rgb, frame.gray, cv::COLOR_RGB2GRAY);
  frame.background = background_of(objects);
  std::vector<cv::KeyPoint> keypoints;
  const auto orb = cv::ORB::create(kFeatures, 1.3F, 5, 15, 0, 2, cv::ORB::HARRIS_SCORE, 31, 8);
  orb->detectAndCompute(frame.gray, frame.background, keypoints, frame.descriptors);
  cv::KeyPoint::convert(keypoints, frame.points);
  return frame;
}

FrameMatch match_features(const CameraFrame& first, const CameraFrame& second) {
  if (first.points.size() < 8 || second.points.size() < 8) return {};
  std::vector<std::vector<cv::DMatch>> nearest;
  cv::BFMatcher(cv::NORM_HAMMING).knnMatch(first.descriptors, second.descriptors, nearest, 2);
  Points a, b;
  for (const auto& pair : nearest) {
    if (pair.size() < 2 || pair[0].distance > kDistinct * pair[1].distance) continue;
    a.push_back(first.points[static_cast<std::size_t>(pair[0].queryIdx)]);
    b.push_back(second.points[static_cast<std::size_t>(pair[0].trainIdx)]);
  }
  return fit_match(a, b, kFeatureError);
}

FrameMatch align_pictures(const cv::Mat& first_gray, const cv::Mat& first_usable, const cv::Mat& second_gray,
                          const cv::Mat& second_usable, const cv::Matx33d& start) {
  const Points corners = spread_corners(first_gray, first_usable);
  if (corners.size() < 8) return {};
  const Points expected = moved(corners, start);
  Points there = expected, back = corners;
  std::vector<uchar> found, returned;
  follow(first_gray, second_gray, corners, there, found);
  follow(second_gray, first_gray, there, back, returned);
  Points a, b;
  for (std::size_t i = 0; i < corners.size(); ++i) {
    if (!found[i] || !returned[i] || cv::norm(back[i] - corners[i]) > kReturnError) continue;
    if (!is_set(second_usable, there[i])) continue;
    a.push_back(expected[i]);
    b.push_back(there[i]);
  }
  const PointFit fit = fit_correction(a, b, first_gray.size(), kCornerError);
  FrameMatch match;
  match.points = static_cast<int>(a.size());
  match.inliers = fit.inliers;
  match.still = count_still(a, b);
  match.second_from_first = fit.second_from_first * start;
  return match;
}

}  // namespace retime
