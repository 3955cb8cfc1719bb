#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "data/people/pose_network.hpp"

namespace retime {

/// How a person looks: colours (Lab) of three bands of the body, about the head, the trunk and the legs. CV_32F, a row
/// for each band, square roots of a normalised histogram; a row of zeros where the band is not seen.
cv::Mat appearance_of(const cv::Mat& rgb, const Pose& pose);

/// 0 (nothing in common) to 1 (alike), over the bands that both have; 0 when they have none.
float likeness(const cv::Mat& a, const cv::Mat& b);

/// The mean of several appearances of one person.
cv::Mat mean_appearance(const std::vector<cv::Mat>& appearances);

}  // namespace retime
