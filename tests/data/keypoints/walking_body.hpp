#pragma once

#include <cmath>
#include <fstream>
#include <string>

#include "core/temporary_folder.hpp"
#include "data/keypoints/pose_tracks.hpp"

namespace retime::test {

/// A body of `height` pixels seen from the front, the middle of its hips at (x, y); `stride` parts its legs and swings
/// its arms, in heights.
inline CocoJoints body_at(double x, double y, double height = 100, double stride = 0) {
  CocoJoints joints;
  const auto put = [&](std::size_t joint, double right, double down) {
    joints[joint] = {static_cast<float>(x + height * right), static_cast<float>(y + height * down), 0.9F};
  };
  put(kNose, 0, -0.45), put(kLeftEye, 0.02, -0.47), put(kRightEye, -0.02, -0.47);
  put(kLeftEar, 0.05, -0.46), put(kRightEar, -0.05, -0.46);
  put(kLeftShoulder, 0.12, -0.32), put(kRightShoulder, -0.12, -0.32);
  put(kLeftElbow, 0.15 - stride / 2, -0.15), put(kRightElbow, -0.15 + stride / 2, -0.15);
  put(kLeftWrist, 0.17 - stride, 0.02), put(kRightWrist, -0.17 + stride, 0.02);
  put(kLeftHip, 0.08, 0), put(kRightHip, -0.08, 0);
  put(kLeftKnee, 0.08 + stride / 2, 0.24), put(kRightKnee, -0.08 - stride / 2, 0.24);
  put(kLeftAnkle, 0.08 + stride, 0.48), put(kRightAnkle, -0.08 - stride, 0.48);
  return joints;
}

/// One that walks to the right by `speed` pixels a frame.
inline CocoJoints walker(double x, double y, double speed, int frame, double height = 100) {
  return body_at(x + speed * frame, y, height, 0.12 * std::sin(0.6 * frame));
}

/// "x, y, c, x, y, c, ...".
inline std::string triplets(const CocoJoints& joints) {
  std::string text;
  for (const auto& joint : joints)
    text += (text.empty() ? "" : ", ") + std::to_string(joint.x) + ", " + std::to_string(joint.y) + ", " +
            std::to_string(joint.confidence);
  return text;
}

/// Triplets of `count` joints: joint i is at (100 + i, 200 + i), confidence 0.5.
inline std::string counted_triplets(int count) {
  std::string text;
  for (int i = 0; i < count; ++i)
    text += (i ? ", " : "") + std::to_string(100 + i) + ", " + std::to_string(200 + i) + ", 0.5";
  return text;
}

inline std::filesystem::path write_json(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << text;
  return file;
}

}  // namespace retime::test
