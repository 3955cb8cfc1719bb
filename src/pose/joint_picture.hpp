#pragma once

#include <span>

#include "pose/joints.hpp"

namespace retime {

/// DensePose's parts of a body, 1 to 24, which maps of bodies tell; 0 is what is not the body.
inline constexpr int kBodyParts = 24;

/// Planes of the picture that the keypoint-to-UV network reads: a spot for each joint, a line for each limb.
inline constexpr int kJointPlanes = static_cast<int>(kCocoJointCount + kCocoLimbs.size());

/// Draws joints, given in pixels of a picture of `size` x `size`, into `planes` ([kJointPlanes, size, size], 0 to 1):
/// soft spots and lines, as bright as the joint is sure (a line as the less sure of its ends). What is not known is
/// left out.
void draw_joints(const CocoJoints& joints, int size, std::span<float> planes);

}  // namespace retime
