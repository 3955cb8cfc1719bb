#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace retime {

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
