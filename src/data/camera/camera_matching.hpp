#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace retime {

/// A frame as the search for the camera's motion sees it.
struct CameraFrame {
  cv::Mat gray;                     ///< CV_8U
  cv::Mat background;               ///< CV_8U, 255 where no object is near
  std::vector<cv::Point2f> points;  ///< ORB features on the background
  cv::Mat descriptors;              ///< of the points
};

/// CV_8U, 255 where no object (CV_8U, 255) is near.
cv::Mat background_of(const cv::Mat& objects);

/// `objects`: CV_8U, 255 on the objects. Frames RGB, CV_8UC3.
CameraFrame camera_frame(const cv::Mat& rgb, const cv::Mat& objects);

/// How two frames lie to each other.
struct FrameMatch {
  cv::Matx33d second_from_first = cv::Matx33d::eye();
  int points = 0;   ///< that were found in both
  int inliers = 0;  ///< that follow the homography
  int still = 0;    ///< that are where they were (`align_pictures`: where `start` has them)

  /// Whether enough points agree for the homography to be believed. Others may move by themselves, like waves.
  bool is_sure() const { return inliers >= 20 && 5 * inliers >= points; }
};

/// Matches ORB features and fits a homography robustly (USAC, MAGSAC++). For frames that overlap by a half or more.
FrameMatch match_features(const CameraFrame& first, const CameraFrame& second);

/// Makes a homography exact to a fraction of a pixel: corners of the first picture, where `first_usable` (CV_8U) is
/// set, are followed to the second one from where `start` has them (pyramidal Lucas-Kanade, there and back), and what
/// is left to correct is fitted robustly (`fit_correction`).
FrameMatch align_pictures(const cv::Mat& first_gray, const cv::Mat& first_usable, const cv::Mat& second_gray,
                          const cv::Mat& second_usable, const cv::Matx33d& start);

/// A homography fitted to pairs of points.
struct PointFit {
  cv::Matx33d second_from_first = cv::Matx33d::eye();
  int inliers = 0;
};

/// Fits the motion between two pictures of `size` that lie nearly alike, of which many points may move by themselves: a
/// similarity by random samples, then a homography by reweighted least squares that departs from the similarity only
/// as far as points demand it. `error`: pixels that an inlier may be off. Too few points give no inliers.
PointFit fit_correction(const std::vector<cv::Point2f>& first, const std::vector<cv::Point2f>& second, cv::Size size,
                        double error);

}  // namespace retime
