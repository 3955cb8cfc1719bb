#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace retime {

/// Pairs rows with columns so that the sum of their gains is the largest: for each row its column, or -1. Pairs with a
/// gain of 0 and less are not made.
std::vector<int> best_pairs(const cv::Mat1d& gain);

}  // namespace retime
