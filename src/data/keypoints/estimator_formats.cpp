#include "data/keypoints/estimator_formats.hpp"

#include <algorithm>

#include "data/keypoints/joint_layouts.hpp"

namespace retime {
namespace {

constexpr std::initializer_list<const char*> kIdentityKeys{"idx", "track_id", "person_id", "tracking_id"};
constexpr std::size_t kMediaPipePoints = 33;
constexpr std::initializer_list<const char*> kOpenPoseKeys{"pose_keypoints_2d", "pose_keypoints", "joints"};

FoundPerson person_of(const JsonRecord& record) {
  FoundPerson person;
  const auto list = record.at({"keypoints"});
  const bool has_scores = record.has_any({"keypoint_scores"});
  person.joints = has_scores ? read_joints(list, record.at({"keypoint_scores"}), JointFamily::kCoco)
                             : read_joints(list, JointFamily::kCoco);
  if (record.has_any(kIdentityKeys)) person.identity = identity_text(record.at(kIdentityKeys).value());
  return person;
}

// Flags of one file are all of one kind: without a 2 among them a 1 is as sure as can be.
void flags_to_confidences(std::vector<std::pair<std::string, FoundPerson>>& people) {
  bool has_two = false, only_flags = true;
  for (const auto& [name, person] : people)
    for (const auto& joint : person.joints) {
      has_two = has_two || joint.confidence == 2;
      only_flags = only_flags && (joint.confidence == 0 || joint.confidence == 1 || joint.confidence == 2);
    }
  if (!has_two || !only_flags) return;
  for (auto& [name, person] : people)
    for (auto& joint : person.joints) joint.confidence /= 2;
}

std::map<std::string, std::string> picture_names(const JsonRecord& images) {
  std::map<std::string, std::string> names;
  for (std::size_t i = 0; i < images.count(); ++i) {
    const auto image = images.at(i);
    const auto id = image.at({"id"}).name();
    names[id] = image.has_any({"file_name"}) ? image.at({"file_name"}).name() : id;
  }
  return names;
}

}  // namespace

bool is_result_list(const JsonRecord& root) {
  const auto& people = root.value();
  if (!people.is_array() || people.empty() || !people.front().is_object()) return false;
  const auto joints = people.front().find("keypoints");
  if (joints == people.front().end() || !joints->is_array() || joints->empty()) return false;
  const auto& first = joints->front();
  return first.is_number() || (first.is_array() && joints->size() != kMediaPipePoints);
}

void read_result_list(const JsonRecord& root, const std::string& picture, RecordCollector& out) {
  for (std::size_t i = 0; i < root.count(); ++i) {
    const auto record = root.at(i);
    const bool named = picture.empty() || record.has_any({"image_id"});
    const auto name = named ? record.at({"image_id"}).name() : picture;
    out.add_person(name, person_of(record));
  }
}

void read_coco_annotations(const JsonRecord& root, RecordCollector& out) {
  const auto annotations = root.at({"annotations"});
  std::map<std::string, std::string> names;
  if (root.has_any({"images"})) names = picture_names(root.at({"images"}));
  for (const auto& [id, name] : names) out.add_picture(name);
  std::vector<std::pair<std::string, FoundPerson>> people;
  for (std::size_t i = 0; i < annotations.count(); ++i) {
    const auto record = annotations.at(i);
    const auto id = record.at({"image_id"}).name();
    if (!names.empty() && !names.contains(id))
      record.fail("the picture " + id + " is not among \"images\"", "export the file again");
    // Annotations of other things have no keypoints.
    if (record.has_any({"keypoints"})) people.emplace_back(names.empty() ? id : names[id], person_of(record));
  }
  flags_to_confidences(people);
  for (auto& [name, person] : people) out.add_person(name, std::move(person));
}

void read_openpose_picture(const JsonRecord& root, const std::string& picture, RecordCollector& out) {
  const auto people = root.at({"people", "bodies"});
  out.add_picture(picture);
  for (std::size_t i = 0; i < people.count(); ++i) {
    const auto record = people.at(i);
    const auto list = record.at(kOpenPoseKeys);
    if (list.value().empty()) continue;  // only a face or hands were found
    FoundPerson person{read_joints(list, JointFamily::kOpenPose)};
    if (record.has_any(kIdentityKeys)) person.identity = identity_text(record.at(kIdentityKeys).value());
    out.add_person(picture, std::move(person));
  }
}

bool is_by_picture(const JsonRecord& root) {
  const auto& json = root.value();
  return json.is_object() && !json.empty() && std::all_of(json.begin(), json.end(), [](const auto& entry) {
           if (entry.is_object()) return entry.contains("people") || entry.contains("bodies");
           return entry.is_array() &&
                  (entry.empty() || (entry.front().is_object() && entry.front().contains("keypoints")));
         });
}

void read_by_picture(const JsonRecord& root, RecordCollector& out) {
  for (const auto& [name, entry] : root.value().items()) {
    out.add_picture(name);
    if (entry.is_object()) {
      read_openpose_picture(root.at(name), name, out);
      continue;
    }
    const auto list = root.at(name);
    for (std::size_t i = 0; i < list.count(); ++i) out.add_person(name, person_of(list.at(i)));
  }
}

void read_mmpose_frames(const JsonRecord& frames, const std::string& picture, RecordCollector& out) {
  for (std::size_t i = 0; i < frames.count(); ++i) {
    const auto frame = frames.at(i);
    if (!frame.has("instances")) {
      out.add_person(picture.empty() ? "0" : picture, person_of(frame));
      continue;
    }
    const auto name = frame.at({"frame_id"}).name();
    const auto people = frame.at(std::string("instances"));
    out.add_picture(name);
    for (std::size_t k = 0; k < people.count(); ++k) out.add_person(name, person_of(people.at(k)));
  }
}

}  // namespace retime
