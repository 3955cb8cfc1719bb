#pragma once

#include <opencv2/core.hpp>

#include "data/complete/silhouettes.hpp"

namespace retime {

/// Pixels in which a whole body contradicts what a frame shows of it, as a share of the body: what is visible of it
/// and not in it, and what is in it though the frame shows something else there.
double contradiction_of(const BoxMask& body, const PartView& view);

/// Pixels to the outline of a shape (CV_8U), positive inside: CV_32F.
cv::Mat depth_inside(const cv::Mat& shape);

/// The same for a mask, which must not be empty, of the pixels in `area` of the frame.
cv::Mat depth_inside(const BoxMask& mask, const cv::Rect& area);

}  // namespace retime
