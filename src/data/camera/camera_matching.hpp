#pragma once

#include <opencv2/core.hpp>
#include <optional>
#include <vector>

namespace retime {

/// CV_8U, 255 where no object (CV_8U, 255) is near.
cv::Mat background_of(const cv::Mat& objects);

/// A frame as the search for the camera's motion sees it. What is found in it is looked for when it is first asked for,
/// by one thread at a time.
class CameraFrame {
 public:
  CameraFrame() = default;
  /// `rgb`: CV_8UC3; `objects`: CV_8U, 255 on the objects.
  CameraFrame(const cv::Mat& rgb, const cv::Mat& objects);
  /// `gray`: CV_8U; `background`: CV_8U, 255 where points may lie.
  static CameraFrame of_gray(cv::Mat gray, cv::Mat background);

  const cv::Mat& gray() const { return gray_; }
  const cv::Mat& background() const { return background_; }

  /// ORB features on the background.
  struct Features {
    std::vector<cv::Point2f> points;
    cv::Mat descriptors;  ///< one row each
  };
  const Features& features() const;
  /// Corners on the background, from all over the picture.
  const std::vector<cv::Point2f>& corners() const;

 private:
  cv::Mat gray_, background_;
  mutable std::optional<Features> features_;
  mutable std::optional<std::vector<cv::Point2f>> corners_;
};

/// How two frames lie to each other.
struct FrameMatch {
  cv::Matx33d second_from_first = cv::Matx33d::eye();
  int points = 0;   ///< that were found in both
  int inliers = 0;  ///< that follow the homography
  int still = 0;    ///< that are where they were (`align_frames`: where `start` has them)

  /// Whether enough points agree for the homography to be believed. Others may move by themselves, like waves.
  bool is_sure() const { return inliers >= 20 && 5 * inliers >= points; }
};

/// Matches ORB features and fits a homography robustly (USAC, MAGSAC++). For frames that overlap by a half or more.
FrameMatch match_features(const CameraFrame& first, const CameraFrame& second);

/// Makes a homography exact to a fraction of a pixel: corners of the first frame are followed to the second one from
/// where `start` has them (pyramidal Lucas-Kanade, there and back), and what is left to correct is fitted robustly
/// (`fit_correction`).
FrameMatch align_frames(const CameraFrame& first, const CameraFrame& second, const cv::Matx33d& start);

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
