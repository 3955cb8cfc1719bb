#pragma once

#include <string>

#include "data/keypoints/keypoint_records.hpp"

namespace retime {

/// Whether a file looks like one of MediaPipe's landmarks, which has no form of its own: whoever saves them chooses
/// one. Known are the landmarks of a picture as a list of 33 points (or of several people's), alone or under
/// `landmarks`, `pose_landmarks`, `poseLandmarks`, `poses`, ...; and a list of pictures, alone or under `frames` or one
/// of those.
bool is_landmarks(const JsonRecord& root);

/// Pictures that have no number of their own (`frame`, `frame_id`, `frame_index`, ...) are frames in this order;
/// `picture` names that of a file with one.
void read_landmark_pictures(const JsonRecord& root, const std::string& picture, RecordCollector& out);

}  // namespace retime
