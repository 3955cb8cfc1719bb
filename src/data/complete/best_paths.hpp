#pragma once

#include <functional>
#include <opencv2/core.hpp>

namespace retime {

/// For every step (row) and every choice (column) what the cheapest path through it costs, [steps, choices]. `costs`:
/// of the choices by themselves. `between(k, l)`: of choosing l in the step after k. `start` and `end` (one row, or
/// empty = 0): of beginning and ending with a choice.
cv::Mat_<double> best_path_costs(const cv::Mat_<double>& costs, const cv::Mat_<double>& start,
                                 const cv::Mat_<double>& end, const std::function<double(int, int)>& between);

}  // namespace retime
