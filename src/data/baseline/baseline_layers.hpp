#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace retime {

/// Layers of one frame from its visible masks (CV_32F, 0..1), one each: CV_8UC4, straight alpha. `frame` and
/// `background` are CV_8UC3 of the masks' size.
std::vector<cv::Mat> cutout_layers(const cv::Mat& frame, const std::vector<cv::Mat>& masks);

/// Like cutouts, and what differs from the background beyond noise, within reach of an object, goes to the object
/// with the nearest mask: with the least alpha for which some colour explains the frame (darkening is black).
std::vector<cv::Mat> matting_layers(const cv::Mat& frame, const cv::Mat& background, const std::vector<cv::Mat>& masks);

}  // namespace retime
