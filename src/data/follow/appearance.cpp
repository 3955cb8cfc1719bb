#include "data/follow/appearance.hpp"

#include <algorithm>
#include <opencv2/imgproc.hpp>

namespace retime {
namespace {

constexpr int kBands = 3;
constexpr int kLightBins = 6, kTintBins = 8;
constexpr int kLeastTint = 64;  // tints of Lab from 64 to 191 fill the bins
constexpr float kSurelyBody = 0.6F;
constexpr int kFewestPixels = 40;

int lab_bin(const cv::Vec3b& lab) {
  const auto tint = [](int value) { return std::clamp((value - kLeastTint) / 16, 0, kTintBins - 1); };
  return (lab[0] * kLightBins / 256 * kTintBins + tint(lab[1])) * kTintBins + tint(lab[2]);
}

/// Where a place lies along the body: 0 at the shoulders, 1 at the hips.
class BodyAxis {
 public:
  explicit BodyAxis(const Pose& pose) {
    const auto middle = [&](int a, int b) { return (pose.points[a].place + pose.points[b].place) * 0.5F; };
    const cv::Point2f shoulders = middle(11, 12), hips = middle(23, 24), knees = middle(25, 26);
    const cv::Point2f down = hips - shoulders;
    start_ = shoulders;
    step_ = down / std::max(1.0F, down.dot(down));
    end_ = 1 + 1.5F * std::max(0.0F, (knees - hips).dot(step_));
  }

  /// The band of a place, -1 outside of all.
  int band(const cv::Point2f& place) const {
    const float along = (place - start_).dot(step_);
    if (along < -0.3F || along >= end_) return -1;
    return along < 0 ? 0 : along < 1 ? 1 : 2;
  }

 private:
  cv::Point2f start_, step_;
  float end_ = 1;
};

}  // namespace

cv::Mat appearance_of(const cv::Mat& rgb, const Pose& pose) {
  cv::Mat colours = cv::Mat::zeros(kBands, kLightBins * kTintBins * kTintBins, CV_32F);
  const cv::Rect box = cv::boundingRect(pose.mask > kSurelyBody);
  if (box.empty()) return colours;
  cv::Mat lab;
  cv::cvtColor(rgb(box), lab, cv::COLOR_RGB2Lab);
  const BodyAxis axis(pose);
  for (int y = 0; y < box.height; ++y)
    for (int x = 0; x < box.width; ++x) {
      if (pose.mask.at<float>(box.y + y, box.x + x) <= kSurelyBody) continue;
      const int band = axis.band(cv::Point2f(box.tl() + cv::Point(x, y)));
      if (band >= 0) ++colours.at<float>(band, lab_bin(lab.at<cv::Vec3b>(y, x)));
    }
  for (int band = 0; band < kBands; ++band) {
    const double pixels = cv::sum(colours.row(band))[0];
    if (pixels < kFewestPixels)
      colours.row(band).setTo(0);
    else
      colours.row(band) /= pixels;
  }
  cv::sqrt(colours, colours);
  return colours;
}

float likeness(const cv::Mat& a, const cv::Mat& b) {
  double sum = 0;
  int bands = 0;
  for (int band = 0; band < std::min(a.rows, b.rows); ++band) {
    const double sizes = cv::norm(a.row(band)) * cv::norm(b.row(band));
    if (sizes <= 0) continue;
    sum += a.row(band).dot(b.row(band)) / sizes;
    ++bands;
  }
  return bands == 0 ? 0 : static_cast<float>(sum / bands);
}

cv::Mat mean_appearance(const std::vector<cv::Mat>& appearances) {
  cv::Mat sum;
  for (const auto& appearance : appearances) sum = sum.empty() ? appearance.clone() : cv::Mat(sum + appearance);
  return sum.empty() ? sum : cv::Mat(sum / static_cast<double>(appearances.size()));
}

}  // namespace retime
