#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace retime {

/// Intersection over union of two boxes, 0..1.
float box_iou(const cv::Rect2f& a, const cv::Rect2f& b);

/// Indices of the boxes that are kept, best score first: those that overlap no better one by more than `most_iou`.
std::vector<int> non_maximum_suppression(const std::vector<cv::Rect2f>& boxes, const std::vector<float>& scores,
                                         float most_iou);

}  // namespace retime
