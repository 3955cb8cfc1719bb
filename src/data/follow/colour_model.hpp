#pragma once

#include <opencv2/core.hpp>

namespace retime {

/// How likely colours are on something, from pictures of it.
class ColourModel {
 public:
  /// Counts the colours of a picture in Lab (CV_8UC3) where `mask` (CV_8U) is set.
  void add(const cv::Mat& lab, const cv::Mat& mask);

  /// Ends the counting; colours near those that were seen become likely too.
  void finish();

  /// CV_32F: the share of what was seen that has a pixel's colour.
  cv::Mat likelihood(const cv::Mat& lab) const;

 private:
  cv::Mat counts_;
};

}  // namespace retime
