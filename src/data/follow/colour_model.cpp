#include "data/follow/colour_model.hpp"

#include <opencv2/imgproc.hpp>

namespace retime {
namespace {

constexpr int kLightLevels = 12, kTintLevels = 16;
constexpr float kUnseen = 0.05F;  // pixels that every colour counts for

int lab_level(const cv::Vec3b& lab) {
  return lab[0] * kLightLevels / 256 * kTintLevels * kTintLevels + lab[1] * kTintLevels / 256 * kTintLevels +
         lab[2] * kTintLevels / 256;
}

}  // namespace

void ColourModel::add(const cv::Mat& lab, const cv::Mat& mask) {
  if (counts_.empty()) counts_ = cv::Mat(kLightLevels, kTintLevels * kTintLevels, CV_32F, cv::Scalar(kUnseen));
  for (int y = 0; y < lab.rows; ++y)
    for (int x = 0; x < lab.cols; ++x)
      if (mask.at<uchar>(y, x)) ++counts_.ptr<float>()[lab_level(lab.at<cv::Vec3b>(y, x))];
}

void ColourModel::finish() {
  for (int light = 0; light < kLightLevels; ++light) {
    cv::Mat tints = counts_.row(light).reshape(1, kTintLevels);
    cv::GaussianBlur(tints, tints, {3, 3}, 0);
  }
  cv::GaussianBlur(counts_, counts_, {1, 3}, 0);
  counts_ /= cv::sum(counts_)[0];
}

cv::Mat ColourModel::likelihood(const cv::Mat& lab) const {
  cv::Mat result(lab.size(), CV_32F);
  for (int y = 0; y < lab.rows; ++y)
    for (int x = 0; x < lab.cols; ++x)
      result.at<float>(y, x) = counts_.ptr<float>()[lab_level(lab.at<cv::Vec3b>(y, x))];
  return result;
}

}  // namespace retime
