#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace retime {

/// Where a label goes that would best be at `wanted`: there, or moved up or down, as little as may be, to where it lies
/// on none of `taken` and within `picture`. Where nothing is free it stays.
cv::Rect free_place(const cv::Rect& wanted, const std::vector<cv::Rect>& taken, cv::Size picture);

}  // namespace retime
