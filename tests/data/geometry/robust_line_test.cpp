#include "data/geometry/robust_line.hpp"

#include <gtest/gtest.h>

namespace retime {
namespace {

/// y = 0.8 x + 12 with a small ripple; every `outlier`-th sample is far off.
LineSamples line_with_outliers(int n, int outlier) {
  LineSamples s;
  for (int i = 0; i < n; ++i) {
    const float x = static_cast<float>(i % 200) + 20.F, ripple = static_cast<float>(i % 3 - 1);
    s.x.push_back(x);
    s.y.push_back(i % outlier == 0 ? 5.F : 0.8F * x + 12.F + ripple);
  }
  return s;
}

TEST(RobustLine, FindsTheLineThroughAThirdOfOutliers) {
  const Line line = fit_line(line_with_outliers(3000, 3));
  EXPECT_NEAR(line.gain, 0.8F, 0.01F);
  EXPECT_NEAR(line.offset, 12.F, 1.F);
}

TEST(RobustLine, OneBrightnessOnlyKeepsTheLevel) {
  LineSamples s;
  for (int i = 0; i < 200; ++i) s.x.push_back(100.F), s.y.push_back(90.F + static_cast<float>(i % 2));
  const Line line = fit_line(s);
  EXPECT_NEAR(100.F * line.gain + line.offset, 90.5F, 0.3F);
  EXPECT_NEAR(line.offset, 0.F, 2.F);
}

TEST(RobustLine, TooFewSamplesGiveTheIdentity) {
  const Line line = fit_line(line_with_outliers(49, 100));
  EXPECT_EQ(line.gain, 1.F);
  EXPECT_EQ(line.offset, 0.F);
}

}  // namespace
}  // namespace retime
