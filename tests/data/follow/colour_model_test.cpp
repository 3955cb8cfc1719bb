#include "data/follow/colour_model.hpp"

#include <gtest/gtest.h>

namespace retime {
namespace {

TEST(ColourModel, WhatWasSeenIsLikelyAndWhatIsNearItToo) {
  const cv::Mat seen(10, 10, CV_8UC3, cv::Scalar(100, 150, 120)), everywhere(10, 10, CV_8U, cv::Scalar(255));
  ColourModel model;
  model.add(seen, everywhere);
  model.finish();
  const auto likelihood = [&](const cv::Scalar& lab) {
    return model.likelihood(cv::Mat(1, 1, CV_8UC3, lab)).at<float>(0, 0);
  };
  EXPECT_GT(likelihood({100, 150, 120}), 0.03F);
  EXPECT_GT(likelihood({100, 165, 120}), 0.01F);
  EXPECT_LT(likelihood({200, 60, 60}), 1e-3F);
  EXPECT_GT(likelihood({200, 60, 60}), 0);
}

TEST(ColourModel, WhatIsNotMaskedDoesNotCount) {
  cv::Mat seen(10, 10, CV_8UC3, cv::Scalar(100, 150, 120)), mask = cv::Mat::zeros(10, 10, CV_8U);
  seen.row(0).setTo(cv::Scalar(200, 60, 60));
  mask.row(0) = 255;
  ColourModel model;
  model.add(seen, mask);
  model.finish();
  const cv::Mat both = (cv::Mat_<cv::Vec3b>(1, 2) << cv::Vec3b(100, 150, 120), cv::Vec3b(200, 60, 60));
  EXPECT_LT(model.likelihood(both).at<float>(0, 0), model.likelihood(both).at<float>(0, 1));
}

}  // namespace
}  // namespace retime
