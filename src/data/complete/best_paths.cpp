#include "data/complete/best_paths.hpp"

#include <algorithm>
#include <limits>

namespace retime {
namespace {

/// The cheapest way to each choice of a step from those of the step before it, whose costs are `reached`.
cv::Mat_<double> one_step(const cv::Mat_<double>& reached, const std::function<double(int, int)>& between) {
  cv::Mat_<double> cheapest(1, reached.cols, std::numeric_limits<double>::max());
  for (int to = 0; to < reached.cols; ++to)
    for (int from = 0; from < reached.cols; ++from)
      cheapest(0, to) = std::min(cheapest(0, to), reached(0, from) + between(from, to));
  return cheapest;
}

}  // namespace

cv::Mat_<double> best_path_costs(const cv::Mat_<double>& costs, const cv::Mat_<double>& start,
                                 const cv::Mat_<double>& end, const std::function<double(int, int)>& between) {
  cv::Mat_<double> total = costs.clone();
  if (!start.empty()) total.row(0) += start;
  for (int t = 1; t < costs.rows; ++t) total.row(t) += one_step(total.row(t - 1), between);
  cv::Mat_<double> ahead = end.empty() ? cv::Mat_<double>(1, costs.cols, 0.0) : end.clone();
  const auto backwards = [&](int from, int to) { return between(to, from); };
  for (int t = costs.rows - 1; t >= 0; --t) {
    total.row(t) += ahead;
    if (t > 0) ahead = one_step(cv::Mat_<double>(costs.row(t) + ahead), backwards);
  }
  return total;
}

}  // namespace retime
