#pragma once

#include <opencv2/imgproc.hpp>

#include "data/follow/sighting.hpp"

namespace retime::test {

/// A body that stands upright with its hips at a place, in one colour, in frames of 320 x 200.
inline constexpr Size kBodyFrames{320, 200};

inline cv::Mat body_mask(cv::Point2f hips, float size) {
  cv::Mat mask = cv::Mat::zeros(kBodyFrames.height, kBodyFrames.width, CV_8U);
  cv::ellipse(mask, cv::RotatedRect(hips, {0.36F * size, size}, 0), 255, cv::FILLED);
  return mask;
}

/// Its pose: points along an upright line, shoulders and hips at their heights.
inline Pose body_pose(cv::Point2f hips, float size, float score = 1) {
  Pose pose;
  pose.points.fill({hips, 1});
  const auto place = [&](int left, float x, float y) {
    pose.points[left] = {hips + cv::Point2f(x * size, y * size), 1};
    pose.points[left + 1] = {hips + cv::Point2f(-x * size, y * size), 1};
  };
  pose.points[0] = {hips + cv::Point2f(0, -0.45F * size), 1};
  place(11, 0.12F, -0.3F);
  place(13, 0.15F, -0.15F);
  place(15, 0.15F, 0.02F);
  place(23, 0.08F, 0);
  place(25, 0.08F, 0.25F);
  place(27, 0.08F, 0.48F);
  pose.score = score;
  body_mask(hips, size).convertTo(pose.mask, CV_32F, 1 / 255.0);
  pose.next = {hips, 1.25F * size, 0};
  return pose;
}

inline void paint_body(cv::Mat& rgb, cv::Point2f hips, float size, const cv::Scalar& colour) {
  rgb.setTo(colour, body_mask(hips, size));
}

/// What is seen of such a body where nothing else is.
inline Sighting body_sighting(cv::Point2f hips, float size, const cv::Scalar& colour) {
  cv::Mat rgb(kBodyFrames.height, kBodyFrames.width, CV_8UC3, cv::Scalar(128, 128, 128));
  paint_body(rgb, hips, size, colour);
  return sighting_of(rgb, body_pose(hips, size));
}

inline const cv::Scalar kRedBody(200, 40, 40), kBlueBody(40, 60, 210), kGreenBody(40, 150, 60);

}  // namespace retime::test
