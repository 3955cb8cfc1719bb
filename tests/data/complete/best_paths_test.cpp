#include "data/complete/best_paths.hpp"

#include <gtest/gtest.h>

namespace retime {
namespace {

TEST(BestPathCosts, AreThoseOfTheCheapestPathThroughEachChoice) {
  const cv::Mat_<double> costs = (cv::Mat_<double>(3, 2) << 1, 0, 5, 0, 0, 4);
  const cv::Mat_<double> start = (cv::Mat_<double>(1, 2) << 0, 3), end = (cv::Mat_<double>(1, 2) << 1, 0);
  const auto between = [](int k, int next) { return k == next ? 0.0 : k < next ? 1.0 : 2.0; };
  const auto through = best_path_costs(costs, start, end, between);
  for (int t = 0; t < 3; ++t)
    for (int k = 0; k < 2; ++k) {
      double least = 1e9;
      for (int path = 0; path < 8; ++path) {
        const int choice[] = {path & 1, path >> 1 & 1, path >> 2 & 1};
        if (choice[t] != k) continue;
        double cost = start(0, choice[0]) + end(0, choice[2]);
        for (int s = 0; s < 3; ++s) cost += costs(s, choice[s]) + (s > 0 ? between(choice[s - 1], choice[s]) : 0);
        least = std::min(least, cost);
      }
      EXPECT_DOUBLE_EQ(through(t, k), least) << "step " << t << ", choice " << k;
    }
}

}  // namespace
}  // namespace retime
