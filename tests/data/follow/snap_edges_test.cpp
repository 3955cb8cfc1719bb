#include "data/follow/snap_edges.hpp"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

namespace retime {
namespace {

TEST(SnapEdges, AnOutlineMovesToTheEdgeBesideIt) {
  cv::Mat rgb(80, 80, CV_8UC3, cv::Scalar(90, 140, 90)), mask = cv::Mat::zeros(80, 80, CV_8U);
  const cv::Rect body(20, 20, 40, 40);
  rgb(body).setTo(cv::Scalar(150, 90, 60));
  mask(body + cv::Point(2, -2)) = 255;  // two pixels beside it
  mask.convertTo(mask, CV_32F, 1 / 255.0);
  cv::GaussianBlur(mask, mask, {}, 1.5);
  cv::Mat truth = cv::Mat::zeros(80, 80, CV_8U);
  truth(body) = 255;
  const auto wrong = [&](const cv::Mat& soft) { return cv::countNonZero((soft > 0.5F) ^ truth); };
  EXPECT_GT(wrong(mask), 200);
  EXPECT_LT(wrong(snapped_to_edges(rgb, mask, 5)), 80);
}

TEST(SnapEdges, WhereThereIsNoEdgeTheMaskIsKept) {
  const cv::Mat rgb(80, 80, CV_8UC3, cv::Scalar(90, 140, 90));
  cv::Mat mask = cv::Mat::zeros(80, 80, CV_32F);
  mask(cv::Rect(20, 20, 40, 40)) = 1;
  const cv::Mat kept = snapped_to_edges(rgb, mask, 3) > 0.5F;
  EXPECT_LT(cv::countNonZero(kept ^ (mask > 0.5F)), 60);
}

}  // namespace
}  // namespace retime
