#include "data/complete/body_estimate.hpp"

#include <gtest/gtest.h>

namespace retime {
namespace {

BoxMask block(const cv::Rect& box) { return {box, cv::Mat(box.size(), CV_8U, cv::Scalar(255))}; }

TEST(BodyEstimate, ContradictsWhatIsSeenBeyondItAndWhereSomethingElseIs) {
  PartView view{block({0, 0, 10, 20}), cv::Mat::zeros(40, 40, CV_8U), {}, 0};
  view.covered(cv::Rect(10, 0, 10, 20)).setTo(255);
  EXPECT_EQ(contradiction_of(block({0, 0, 20, 20}), view), 0) << "the rest of it is covered";
  EXPECT_EQ(contradiction_of(block({0, 0, 5, 20}), view), 1) << "100 pixels are seen and not told, of 100";
  EXPECT_EQ(contradiction_of(block({0, 0, 20, 25}), view), 0.2) << "100 of 500 are told where nothing covers them";
}

TEST(BodyEstimate, DepthsReachBeyondTheAreaThatIsAskedFor) {
  const cv::Mat depth = depth_inside(block({10, 0, 20, 20}), {0, 5, 4, 4});
  ASSERT_EQ(depth.size(), cv::Size(4, 4));
  EXPECT_NEAR(depth.at<float>(0, 3), -7, 0.5);
  EXPECT_NEAR(depth_inside(block({0, 0, 20, 20}), {8, 8, 4, 4}).at<float>(0, 0), 9, 0.7) << "full of it";
}

}  // namespace
}  // namespace retime
