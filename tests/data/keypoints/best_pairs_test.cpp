#include "data/keypoints/best_pairs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace retime {
namespace {

using testing::ElementsAre;

double total(const cv::Mat1d& gain, const std::vector<int>& pairs) {
  double sum = 0;
  for (int row = 0; row < gain.rows; ++row)
    if (const int column = pairs[static_cast<std::size_t>(row)]; column >= 0) sum += gain(row, column);
  return sum;
}

// The best of all ways to pair, tried one by one.
double best_total(const cv::Mat1d& gain, int row = 0, unsigned taken = 0) {
  if (row == gain.rows) return 0;
  double best = best_total(gain, row + 1, taken);
  for (int column = 0; column < gain.cols; ++column)
    if ((taken & (1U << column)) == 0 && gain(row, column) > 0)
      best = std::max(best, gain(row, column) + best_total(gain, row + 1, taken | (1U << column)));
  return best;
}

TEST(BestPairs, TheBestSumWinsNotTheBestPair) {
  EXPECT_THAT(best_pairs((cv::Mat1d(2, 2) << 10, 9, 9, 1)), ElementsAre(1, 0));
}

TEST(BestPairs, WithoutGainThereIsNoPair) {
  EXPECT_THAT(best_pairs((cv::Mat1d(3, 2) << 0, -1, 0, 2, 0, 1)), ElementsAre(-1, 1, -1));
  EXPECT_THAT(best_pairs(cv::Mat1d(2, 0)), ElementsAre(-1, -1));
  EXPECT_TRUE(best_pairs(cv::Mat1d(0, 3)).empty());
}

TEST(BestPairs, NoOtherPairingIsBetter) {
  cv::RNG random(7);
  for (int i = 0; i < 200; ++i) {
    cv::Mat1d gain(random.uniform(1, 6), random.uniform(1, 6));
    for (auto& value : gain) value = random.uniform(-3, 9);
    const auto pairs = best_pairs(gain);
    EXPECT_DOUBLE_EQ(total(gain, pairs), best_total(gain)) << gain;
    for (const int column : pairs) EXPECT_TRUE(column < 0 || std::count(pairs.begin(), pairs.end(), column) == 1);
  }
}

}  // namespace
}  // namespace retime
