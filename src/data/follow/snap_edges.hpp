#pragma once

#include <opencv2/core.hpp>

namespace retime {

/// A soft mask (CV_32F, 0..1) whose outline has moved to the edges of the picture (RGB, CV_8UC3, of the same size) that
/// are at most `radius` pixels away: the guided filter with the colours as its guide (He, Sun, Tang 2010).
cv::Mat snapped_to_edges(const cv::Mat& rgb, const cv::Mat& mask, int radius);

}  // namespace retime
