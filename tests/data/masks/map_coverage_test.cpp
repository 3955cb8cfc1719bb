#include "data/masks/map_coverage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace retime {
namespace {

/// A map of 40 x 20 pixels with a part in its first `columns` columns.
cv::Mat map_of(int columns) {
  cv::Mat iuv = cv::Mat::zeros(20, 40, CV_8UC3);
  iuv.colRange(0, columns).setTo(cv::Scalar(3, 90, 90));
  return iuv;
}

TEST(MapCoverage, TellsMapsThatCoverLessThanTheMask) {
  const cv::Rect box(0, 0, 20, 20);
  const BoxMask mask(box, cv::Mat(box.size(), CV_8U, cv::Scalar(255)));
  MapCoverage coverage(2);
  for (int t = 0; t < 9; ++t) {
    coverage.add(0, t, map_of(18), mask);
    coverage.add(1, t, map_of(t == 4 || t > 5 ? 10 : 20), mask);
  }
  EXPECT_EQ(coverage.problem(0), "") << "a rim is missing";
  EXPECT_THAT(coverage.problem(1), testing::HasSubstr("cover 50 % of its masks in 4 of the frames 4 to 8"));
}

TEST(MapCoverage, AFrameIsNoProblem) {
  const cv::Rect box(0, 0, 20, 20);
  MapCoverage coverage(1);
  coverage.add(0, 3, map_of(2), BoxMask(box, cv::Mat(box.size(), CV_8U, cv::Scalar(255))));
  coverage.add(0, 4, map_of(2), {});
  EXPECT_EQ(coverage.problem(0), "");
}

}  // namespace
}  // namespace retime
