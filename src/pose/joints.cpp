#include "pose/joints.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace retime {
namespace {

constexpr double kMargin = 1.4;  // the crop's side in heights of the body

struct Bone {
  CocoJoint from, to;
  double bodies;  // heights of a body in its length
};
// As lengths of bones seen from the side that shows them longest; what is seen at an angle tells less than there is.
constexpr Bone kBones[]{
    {kLeftShoulder, kLeftHip, 3.4},   {kRightShoulder, kRightHip, 3.4},    {kLeftHip, kLeftKnee, 4.1},
    {kRightHip, kRightKnee, 4.1},     {kLeftKnee, kLeftAnkle, 4.1},        {kRightKnee, kRightAnkle, 4.1},
    {kLeftShoulder, kLeftElbow, 5.8}, {kRightShoulder, kRightElbow, 5.8},  {kLeftElbow, kLeftWrist, 6.7},
    {kRightElbow, kRightWrist, 6.7},  {kLeftShoulder, kRightShoulder, 4.6}};

struct Extent {
  double left = 1e30, top = 1e30, right = -1e30, bottom = -1e30;
  int count = 0;
};

Extent extent_of(const CocoJoints& joints) {
  Extent extent;
  for (const auto& joint : joints) {
    if (!joint.is_known()) continue;
    extent.left = std::min<double>(extent.left, joint.x), extent.right = std::max<double>(extent.right, joint.x);
    extent.top = std::min<double>(extent.top, joint.y), extent.bottom = std::max<double>(extent.bottom, joint.y);
    ++extent.count;
  }
  return extent;
}

// Bones that are seen at an angle tell too little, misplaced joints too much: what a quarter of them exceed.
double body_height(const CocoJoints& joints, const Extent& extent) {
  std::vector<double> heights{1.1 * std::max(extent.right - extent.left, extent.bottom - extent.top)};
  for (const auto& [from, to, bodies] : kBones)
    if (joints[from].is_known() && joints[to].is_known())
      heights.push_back(bodies * std::hypot(joints[to].x - joints[from].x, joints[to].y - joints[from].y));
  std::sort(heights.begin(), heights.end());
  return heights[(3 * heights.size() - 1) / 4];
}

}  // namespace

const char* joint_name(std::size_t joint) {
  static constexpr const char* kNames[kCocoJointCount]{
      "nose",           "left_eye",   "right_eye",   "left_ear",   "right_ear",   "left_shoulder",
      "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip",
      "right_hip",      "left_knee",  "right_knee",  "left_ankle", "right_ankle"};
  return kNames[joint];
}

std::vector<float> joint_values(std::span<const CocoJoints> joints) {
  std::vector<float> values;
  values.reserve(joints.size() * kCocoJointCount * 3);
  for (const auto& pose : joints)
    for (const auto& joint : pose) values.insert(values.end(), {joint.x, joint.y, joint.confidence});
  return values;
}

std::vector<CocoJoints> joints_from_values(std::span<const float> values) {
  std::vector<CocoJoints> joints(values.size() / (kCocoJointCount * 3));
  auto next = values.begin();
  for (auto& pose : joints)
    for (auto& joint : pose) {
      joint = {next[0], next[1], next[2]};
      next += 3;
    }
  return joints;
}

std::optional<SquareCrop> crop_around(const CocoJoints& joints) {
  const Extent extent = extent_of(joints);
  if (extent.count < 2) return std::nullopt;
  const double side = kMargin * body_height(joints, extent);
  if (!(side > 1)) return std::nullopt;
  double x = (extent.left + extent.right) / 2, y = (extent.top + extent.bottom) / 2;
  const Joint &left = joints[kLeftHip], &right = joints[kRightHip];
  if (left.is_known() || right.is_known()) {
    const double known = left.is_known() + right.is_known();
    x = (left.is_known() * left.x + right.is_known() * right.x) / known;
    y = (left.is_known() * left.y + right.is_known() * right.y) / known;
  }
  return SquareCrop{x + 0.5 - side / 2, y + 0.5 - side / 2, side};
}

CocoJoints joints_in_crop(const CocoJoints& joints, const SquareCrop& crop, int size) {
  CocoJoints result = joints;
  const double scale = size / crop.side;
  for (auto& joint : result) {
    joint.x = static_cast<float>((joint.x + 0.5 - crop.left) * scale - 0.5);
    joint.y = static_cast<float>((joint.y + 0.5 - crop.top) * scale - 0.5);
  }
  return result;
}

}  // namespace retime
