#pragma once

#include <opencv2/core.hpp>

namespace retime {

/// Settings of the cut between an object's body and its shadow or reflection. Levels are those of 0..255.
struct BodyOptions {
  float changed = 3.5F;      ///< smoothed differences below this many standard deviations are background
  float least_change = 7.F;  ///< ... and so are those below this many levels
  float tint = 26.F;         ///< colour change at equal brightness, in levels, that is as likely body as effect
  float credible = 3.F;      ///< noise of more than so many times the picture's median is taken for that
  float smoothness = 4.F;    ///< price of the outline where the picture has no edge of its own
};

/// Per pixel the log odds (-3..3, CV_32F) that it shows an object's body rather than the background, lit or shaded.
/// `backdrop`: the plate lit as the frame is (RGB, CV_8UC3). `noise`: CV_32F, in levels.
cv::Mat body_odds(const cv::Mat& frame, const cv::Mat& backdrop, const cv::Mat& noise, const BodyOptions& options);

/// CV_8U mask (0 or 255) of the bodies: the least cut through the odds that prefers edges which the backdrop has not.
cv::Mat cut_bodies(const cv::Mat& frame, const cv::Mat& backdrop, const cv::Mat& noise, const BodyOptions& options);

/// Moves the outline by up to two pixels to where the colour is halfway between object and backdrop.
void refine_outline(const cv::Mat& frame, const cv::Mat& backdrop, cv::Mat& mask);

}  // namespace retime
