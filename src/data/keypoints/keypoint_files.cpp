#include "data/keypoints/keypoint_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/log.hpp"
#include "data/decode/frame_folder.hpp"
#include "data/keypoints/estimator_formats.hpp"
#include "data/keypoints/landmark_format.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

std::vector<fs::path> json_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto name = entry.path().filename().string();
    if (!name.starts_with('.') && entry.path().extension() == ".json" && entry.is_regular_file())
      files.push_back(entry.path());
  }
  if (files.empty()) throw Error("no keypoints in the folder " + folder.string() + " (no .json file): check the path");
  std::sort(files.begin(), files.end(), [](const fs::path& a, const fs::path& b) {
    return natural_less(a.filename().string(), b.filename().string());
  });
  return files;
}

/// `picture`: what a file of a folder is about, by its name; empty for a single file.
void read_file(const fs::path& file, const std::string& picture, RecordCollector& out) {
  const auto json = parse_json_file(file);
  const JsonRecord root(file, json);
  const auto first_has = [&](const char* key) {
    return json.is_array() && !json.empty() && json.front().is_object() && json.front().contains(key);
  };
  if (root.has("people") || root.has("bodies"))
    return read_openpose_picture(root, picture.empty() ? "0" : picture, out);
  if (root.has("annotations")) return read_coco_annotations(root, out);
  if (root.has("instance_info")) return read_mmpose_frames(root.at({"instance_info"}), picture, out);
  if (first_has("instances") || first_has("keypoint_scores")) return read_mmpose_frames(root, picture, out);
  if (first_has("image_id")) return read_result_list(root, picture, out);
  if (is_by_picture(root)) return read_by_picture(root, out);
  if (!picture.empty() && is_result_list(root)) return read_result_list(root, picture, out);
  if (is_landmarks(root)) return read_landmark_pictures(root, picture, out);
  if (first_has("keypoints")) return read_result_list(root, picture, out);
  if (!picture.empty() && (json.is_null() || (json.is_array() && json.empty()))) return out.add_picture(picture);
  root.fail("the form of these keypoints is not known",
            "bring them as AlphaPose, OpenPose, COCO, mmpose or MediaPipe write them (docs/formats.md)");
}

std::vector<Joint*> known_joints(KeypointRecords& records) {
  std::vector<Joint*> joints;
  for (auto& picture : records.pictures)
    for (auto& person : picture.people)
      for (auto& joint : person.joints)
        if (joint.is_known()) joints.push_back(&joint);
  if (joints.empty()) throw Error("no joint in the keypoints " + records.path + " is known: check the file");
  return joints;
}

// In pixels nobody stays within two of the corner.
bool are_parts_of_the_picture(const std::vector<Joint*>& joints) {
  const auto small = std::count_if(joints.begin(), joints.end(), [](const Joint* joint) {
    return std::abs(joint->x) <= 2 && std::abs(joint->y) <= 2;
  });
  return 2 * small > static_cast<long>(joints.size());
}

void to_pixels(const std::vector<Joint*>& joints, Size size) {
  for (Joint* joint : joints) {
    joint->x = joint->x * static_cast<float>(size.width) - 0.5F;
    joint->y = joint->y * static_cast<float>(size.height) - 0.5F;
  }
}

void check_inside(const std::vector<Joint*>& joints, const std::string& path, Size size) {
  float right = 0, bottom = 0;
  long outside = 0;
  for (const Joint* joint : joints) {
    right = std::max(right, joint->x), bottom = std::max(bottom, joint->y);
    outside += joint->x < -1 || joint->y < -1 || joint->x > static_cast<float>(size.width) ||
               joint->y > static_cast<float>(size.height);
  }
  if (2 * outside > static_cast<long>(joints.size()))
    throw Error(
        fmt::format("{}: {} of {} joints lie outside the frames (they reach to {:.0f}, {:.0f}; the frames have "
                    "{}): give the keypoints of this clip at its size",
                    path, outside, joints.size(), right, bottom, size_text(size)));
}

// Nobody of whom a frame shows something reaches so far: a joint like that would only stretch its person's crop.
void forget_far_joints(const std::vector<Joint*>& joints, const std::string& path, Size size) {
  const auto is_far = [](float place, int side) {
    return place < static_cast<float>(-side) || place > 2 * static_cast<float>(side);
  };
  int far = 0;
  for (Joint* joint : joints) {
    if (!is_far(joint->x, size.width) && !is_far(joint->y, size.height)) continue;
    *joint = {};
    ++far;
  }
  if (far > 0)
    log_warn(
        fmt::format("{}: {} of {} joints lie more than a picture's size outside the frames: they are taken as "
                    "not known",
                    path, far, joints.size()));
}

}  // namespace

KeypointRecords read_keypoints(const fs::path& path, Size size) {
  RecordCollector collector;
  if (fs::is_directory(path))
    for (const auto& file : json_files(path)) read_file(file, file.filename().string(), collector);
  else
    read_file(path, "", collector);
  auto records = collector.finish(path.string());
  records.size = size;
  const auto joints = known_joints(records);
  if (are_parts_of_the_picture(joints)) to_pixels(joints, size);
  check_inside(joints, records.path, size);
  forget_far_joints(joints, records.path, size);
  return records;
}

}  // namespace retime
