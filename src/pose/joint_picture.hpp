#pragma once

#include <span>

#include "pose/joints.hpp"

namespace retime {

/// Planes of the picture that the keypoint-to-UV network reads: a spot for each joint, a line for each limb.
inline constexpr int kJointPlanes = static_cast<int>(kCocoJointCount + kCocoLimbs.size());

/// Draws joints, given in pixels of a picture of `size` x `size`, into `planes` ([kJointPlanes, size, size], 0 to 1):
/// soft spots and lines, as bright as the joint is sure (a line as the less sure of its ends). What is not known is
/// left out.
void draw_joints(const CocoJoints& joints, int size, std::span<float> planes);

}  // namespace retime
