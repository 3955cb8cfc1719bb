#include "data/follow/sighting.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "data/follow/appearance.hpp"

namespace retime {
namespace {

constexpr float kImprobable = 0.05F;
constexpr int kLongestSide = 160;  // of kept masks; the network's are hardly finer

/// Points that tell bodies apart: nose, shoulders, elbows, wrists, hips, knees, ankles.
constexpr std::array<int, 13> kBodyPoints{0, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28};
constexpr float kSamePlace = 0.08F;  // of the body's size

/// Points of the pose network in the order of COCO's joints.
constexpr std::array<int, kCocoJointCount> kCocoPoints{0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28};

}  // namespace

SoftMask::SoftMask(const cv::Mat& probability) : box_(cv::boundingRect(probability > kImprobable)) {
  if (box_.empty()) return;
  probability(box_).convertTo(crop_, CV_8U, 255);
  const double scale = static_cast<double>(kLongestSide) / std::max(box_.width, box_.height);
  if (scale < 1) cv::resize(crop_, crop_, {}, scale, scale, cv::INTER_AREA);
}

cv::Mat SoftMask::part(const cv::Rect& where) const {
  cv::Mat result = cv::Mat::zeros(where.size(), CV_32F);
  const cv::Rect shared = box_ & where;
  if (shared.empty()) return result;
  cv::Mat whole;
  cv::resize(crop_, whole, box_.size(), 0, 0, cv::INTER_LINEAR);
  whole(shared - box_.tl()).convertTo(result(shared - where.tl()), CV_32F, 1 / 255.0);
  return result;
}

Sighting sighting_of(const cv::Mat& rgb, const Pose& pose) {
  return {pose.points, pose.score, pose.next, SoftMask(pose.mask), appearance_of(rgb, pose), false};
}

float pose_likeness(const Sighting& a, const Sighting& b) {
  const float unit = kSamePlace * std::max(1.0F, std::min(a.size(), b.size()));
  float sum = 0;
  for (const int point : kBodyPoints) {
    const cv::Point2f offset = (a.points[point].place - b.points[point].place) / unit;
    sum += std::exp(-0.5F * offset.dot(offset));
  }
  return sum / static_cast<float>(kBodyPoints.size());
}

CocoJoints coco_joints(const Sighting& sighting) {
  CocoJoints joints;
  for (std::size_t i = 0; i < joints.size(); ++i) {
    const auto& [place, visibility] = sighting.points[kCocoPoints[i]];
    joints[i] = {place.x, place.y, visibility * sighting.score};
  }
  return joints;
}

}  // namespace retime
