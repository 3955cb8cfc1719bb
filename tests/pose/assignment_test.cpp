#include "pose/assignment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace retime {
namespace {

using testing::ElementsAre;

TEST(Assignment, TheSumCountsNotTheFirstChoice) {
  // The nearest pair, row 0 with column 0, would leave row 1 with a bad one.
  EXPECT_THAT(best_assignment({{1, 2}, {1.5, 9}}, 100), ElementsAre(1, 0));
}

TEST(Assignment, WhoFitsNobodyStaysAlone) {
  EXPECT_THAT(best_assignment({{0.2, 0.9}, {0.3, 5}}, 1), ElementsAre(1, 0));
  EXPECT_THAT(best_assignment({{0.2}, {0.1}, {3}}, 1), ElementsAre(-1, 0, -1));
  EXPECT_THAT(best_assignment({{kNeverPaired, kNeverPaired}}, 1e6), ElementsAre(-1));
  EXPECT_TRUE(best_assignment({}, 1).empty());
  EXPECT_THAT(best_assignment({{}, {}}, 1), ElementsAre(-1, -1));
}

TEST(Assignment, IsTheBestOfAllPermutations) {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> cost(0, 1);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::vector<double>> costs(5, std::vector<double>(5));
    for (auto& row : costs) std::generate(row.begin(), row.end(), [&] { return cost(random); });
    const auto sum = [&](const std::vector<int>& columns) {
      double total = 0;
      for (std::size_t row = 0; row < 5; ++row) total += costs[row].at(static_cast<std::size_t>(columns[row]));
      return total;
    };
    std::vector<int> columns(5);
    std::iota(columns.begin(), columns.end(), 0);
    double best = sum(columns);
    while (std::next_permutation(columns.begin(), columns.end())) best = std::min(best, sum(columns));
    EXPECT_NEAR(sum(best_assignment(costs, 100)), best, 1e-9);
  }
}

}  // namespace
}  // namespace retime
