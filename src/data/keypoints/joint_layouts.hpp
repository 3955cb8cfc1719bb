#pragma once

#include "data/keypoints/json_record.hpp"
#include "pose/joints.hpp"

namespace retime {

/// Which numbers of joints a file may have, and in what order they are.
enum class JointFamily {
  kCoco,       ///< 17 (COCO), 26 or 136 (Halpe), 133 (COCO-WholeBody): all begin with COCO's 17
  kOpenPose,   ///< 25 (BODY_25) or 18 (OpenPose's COCO)
  kMediaPipe,  ///< 33
};

/// COCO's joints out of a list of all joints of a person: [x, y, c, x, y, c, ...], [[x, y, c], ...], or [[x, y], ...]
/// with a list of scores beside it. Confidences are as in the file (some estimators exceed 1), but not negative; a
/// joint at (0, 0) is not known. Throws Error with its place for a number of joints that the family does not have, and
/// for what is no number.
CocoJoints read_joints(const JsonRecord& list, JointFamily family);
CocoJoints read_joints(const JsonRecord& list, const JsonRecord& scores, JointFamily family);

/// Joints of 33 points of MediaPipe: {"x", "y", "visibility"} or [x, y, z, visibility]; without a visibility they are
/// sure.
CocoJoints read_landmarks(const JsonRecord& list);

}  // namespace retime
