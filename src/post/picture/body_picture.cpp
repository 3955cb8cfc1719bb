#include "post/picture/body_picture.hpp"

#include <opencv2/imgproc.hpp>

#include "media/mat.hpp"

namespace retime {
namespace {

constexpr int kHues = 180;    // OpenCV's, in a circle
constexpr int kHueStep = 67;  // from part to part: neighbours look different
constexpr int kTurnOfU = 24;  // hues
constexpr int kDarkest = 110;

cv::Mat colours_of(const cv::Mat& iuv) {
  cv::Mat hsv(iuv.size(), CV_8UC3), rgb;
  for (int y = 0; y < iuv.rows; ++y)
    for (int x = 0; x < iuv.cols; ++x) {
      const auto& [part, u, v] = iuv.at<cv::Vec3b>(y, x).val;
      hsv.at<cv::Vec3b>(y, x) = {static_cast<uchar>((part * kHueStep + u * kTurnOfU / 255) % kHues), 200,
                                 static_cast<uchar>(kDarkest + v * (255 - kDarkest) / 255)};
    }
  cv::cvtColor(hsv, rgb, cv::COLOR_HSV2RGB);
  return rgb;
}

}  // namespace

void paint_body_map(const Image& iuv, Image& picture, double opacity) {
  const cv::Mat map = as_mat(iuv);
  cv::Mat target = as_mat(picture), mixed, part;
  cv::addWeighted(colours_of(map), opacity, target, 1 - opacity, 0, mixed);
  cv::extractChannel(map, part, 0);
  mixed.copyTo(target, part);
}

}  // namespace retime
