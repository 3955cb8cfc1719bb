#include "data/keypoints/pose_similarity.hpp"

#include <algorithm>
#include <cmath>

namespace retime {
namespace {

// COCO's constants for its joints: two standard deviations, in square roots of a person's area.
constexpr std::array<double, kCocoJointCount> kSpread{.052, .05,  .05,  .07,  .07,  .158, .158, .144, .144,
                                                      .124, .124, .214, .214, .174, .174, .178, .178};
constexpr double kCropHeights = 1.4;  // side of `crop_around` in heights of the body
constexpr double kRootOfArea = 0.5;   // of a body, in its heights
constexpr int kComparable = 3;

}  // namespace

double body_height(const CocoJoints& joints) {
  const auto crop = crop_around(joints);
  return crop ? crop->side / kCropHeights : 0;
}

double pose_similarity(const CocoJoints& a, const CocoJoints& b, double slack) {
  const double heights[]{body_height(a), body_height(b)};
  const double size = kRootOfArea * slack * (heights[0] + heights[1]) / 2;
  if (heights[0] == 0 || heights[1] == 0) return 0;
  double sum = 0, weights = 0;
  int count = 0;
  for (std::size_t i = 0; i < kCocoJointCount; ++i) {
    if (!a[i].is_known() || !b[i].is_known()) continue;
    const double way = std::hypot(a[i].x - b[i].x, a[i].y - b[i].y) / (size * kSpread[i]);
    const double weight = std::min(a[i].confidence, b[i].confidence);
    sum += weight * std::exp(-way * way / 2), weights += weight;
    ++count;
  }
  return count < kComparable ? 0 : sum / weights;
}

cv::Point2d mean_way(const CocoJoints& from, const CocoJoints& to) {
  cv::Point2d way;
  int count = 0;
  for (std::size_t i = 0; i < kCocoJointCount; ++i) {
    if (!from[i].is_known() || !to[i].is_known()) continue;
    way += cv::Point2d(to[i].x - from[i].x, to[i].y - from[i].y);
    ++count;
  }
  return count == 0 ? cv::Point2d() : way / count;
}

CocoJoints moved_by(CocoJoints joints, cv::Point2d way) {
  for (auto& joint : joints) joint.x += static_cast<float>(way.x), joint.y += static_cast<float>(way.y);
  return joints;
}

int known_joints_of(const CocoJoints& joints) {
  return static_cast<int>(std::count_if(joints.begin(), joints.end(), [](const Joint& j) { return j.is_known(); }));
}

}  // namespace retime
