#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace retime {

/// A joint as a pose estimator tells it: pixels of a picture (centres at integers) and how sure it is, 0 (not known)
/// to 1.
struct Joint {
  float x = 0, y = 0, confidence = 0;
  bool is_known() const { return confidence > 0; }
};

/// COCO's 17 joints, left and right as the person has them.
enum CocoJoint : std::size_t {
  kNose,
  kLeftEye,
  kRightEye,
  kLeftEar,
  kRightEar,
  kLeftShoulder,
  kRightShoulder,
  kLeftElbow,
  kRightElbow,
  kLeftWrist,
  kRightWrist,
  kLeftHip,
  kRightHip,
  kLeftKnee,
  kRightKnee,
  kLeftAnkle,
  kRightAnkle,
};
inline constexpr std::size_t kCocoJointCount = 17;
/// A joint's name as COCO writes it, "left_wrist".
const char* joint_name(std::size_t joint);

using CocoJoints = std::array<Joint, kCocoJointCount>;

/// The joints of a sequence as numbers, [frames, 17, 3]: x, y, confidence; and back.
std::vector<float> joint_values(std::span<const CocoJoints> joints);
std::vector<CocoJoints> joints_from_values(std::span<const float> values);

/// What bones and lines join, for drawings.
inline constexpr std::array<std::pair<CocoJoint, CocoJoint>, 16> kCocoLimbs{{
    {kNose, kLeftEye},
    {kNose, kRightEye},
    {kLeftEye, kLeftEar},
    {kRightEye, kRightEar},
    {kLeftShoulder, kRightShoulder},
    {kLeftShoulder, kLeftElbow},
    {kRightShoulder, kRightElbow},
    {kLeftElbow, kLeftWrist},
    {kRightElbow, kRightWrist},
    {kLeftShoulder, kLeftHip},
    {kRightShoulder, kRightHip},
    {kLeftHip, kRightHip},
    {kLeftHip, kLeftKnee},
    {kRightHip, kRightKnee},
    {kLeftKnee, kLeftAnkle},
    {kRightKnee, kRightAnkle},
}};

/// The same joint on the other side of the body.
constexpr std::size_t mirrored(std::size_t joint) {
  return joint == kNose ? joint : joint % 2 == 1 ? joint + 1 : joint - 1;
}

/// A square part of a picture, in its pixels; borders lie between pixels.
struct SquareCrop {
  double left = 0, top = 0, side = 0;
};

/// The square around a person that the keypoint-to-UV network sees: about the hips, wide enough for the whole body as
/// the lengths of the bones that are known tell its height. Nothing when fewer than two joints are known or all lie on
/// one spot.
std::optional<SquareCrop> crop_around(const CocoJoints& joints);

/// Joints in pixels of the crop when it is scaled to `size` pixels a side.
CocoJoints joints_in_crop(const CocoJoints& joints, const SquareCrop& crop, int size);

}  // namespace retime
