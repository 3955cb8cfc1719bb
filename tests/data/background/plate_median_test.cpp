#include "data/background/plate_median.hpp"

#include <gtest/gtest.h>

namespace retime {
namespace {

constexpr Size kSize{6, 4};

PlateSample sample(int level, Cover cover, cv::Rect box = {0, 0, kSize.width, kSize.height}) {
  return {box, cv::Mat(box.size(), CV_8UC3, cv::Scalar::all(level)), cv::Mat(box.size(), CV_8U, cv::Scalar(cover))};
}

Plate plate_of(const std::vector<PlateSample>& samples) {
  Plate plate = empty_plate(kSize);
  median_rows(samples, {0, kSize.height}, plate);
  return plate;
}

TEST(PlateMedian, AnEmptyPlateIsNotObserved) {
  const Plate plate = empty_plate(kSize);
  EXPECT_EQ(plate.color.size(), cv::Size(6, 4));
  EXPECT_EQ(cv::countNonZero(plate.observed), 0);
  EXPECT_GT(plate.noise.at<float>(0, 0), 0.F);
}

TEST(PlateMedian, OutliersDoNotCount) {
  const Plate plate =
      plate_of({sample(99, kFree), sample(100, kFree), sample(101, kFree), sample(102, kFree), sample(0, kFree)});
  EXPECT_EQ(plate.color.at<cv::Vec3b>(2, 3), cv::Vec3b(100, 100, 100));
  EXPECT_EQ(plate.observed.at<uchar>(2, 3), 255);
  EXPECT_NEAR(plate.noise.at<float>(2, 3), 1.4826F, 1e-4F);
}

TEST(PlateMedian, WhatIsLeastCoveredDecides) {
  const Plate plate = plate_of({sample(100, kFree), sample(101, kFree), sample(102, kFree), sample(180, kNearObject),
                                sample(180, kNearObject), sample(180, kNearObject), sample(180, kNearObject),
                                sample(20, kObject), sample(20, kObject), sample(20, kObject)});
  EXPECT_EQ(plate.color.at<cv::Vec3b>(0, 0)[0], 101);
}

TEST(PlateMedian, WhatOnlyObjectsCoverIsLeftAsItWas) {
  const Plate plate = plate_of({sample(100, kObject), sample(100, kObject), sample(100, kObject)});
  EXPECT_EQ(cv::countNonZero(plate.observed), 0);
  EXPECT_EQ(plate.color.at<cv::Vec3b>(1, 1), cv::Vec3b(0, 0, 0));
}

TEST(PlateMedian, SamplesMayHoldAPartOfThePlate) {
  const Plate plate =
      plate_of({sample(50, kFree, {0, 0, 4, 4}), sample(50, kFree, {0, 0, 4, 4}), sample(90, kFree, {2, 1, 4, 2}),
                sample(90, kFree, {2, 1, 4, 2}), sample(90, kFree, {2, 1, 4, 2})});
  EXPECT_EQ(plate.color.at<cv::Vec3b>(0, 0)[0], 50);
  EXPECT_EQ(plate.color.at<cv::Vec3b>(1, 5)[0], 90);
  EXPECT_EQ(plate.color.at<cv::Vec3b>(1, 3)[0], 90) << "three of five";
  EXPECT_EQ(plate.observed.at<uchar>(0, 5), 0);
}

TEST(PlateMedian, OnlyTheGivenRowsAreSet) {
  Plate plate = empty_plate(kSize);
  median_rows({sample(10, kFree), sample(10, kFree), sample(10, kFree)}, {1, 3}, plate);
  EXPECT_EQ(cv::countNonZero(plate.observed), 2 * kSize.width);
  EXPECT_EQ(plate.observed.at<uchar>(0, 0), 0);
}

}  // namespace
}  // namespace retime
