#include "data/keypoints/landmark_format.hpp"

#include <algorithm>

#include "data/keypoints/joint_layouts.hpp"

namespace retime {
namespace {

using Json = nlohmann::json;

constexpr std::initializer_list<const char*> kLandmarkKeys{
    "landmarks", "pose_landmarks", "poseLandmarks", "poses", "pose", "landmark", "normalized_landmarks", "keypoints"};
constexpr std::initializer_list<const char*> kNumberKeys{"frame",        "frame_id", "frame_index", "frame_idx",
                                                         "frame_number", "frame_nr", "frameIndex"};

bool is_point(const Json& value) {
  if (value.is_object()) return value.contains("x") && value.contains("y");
  return value.is_array() && value.size() >= 2 &&
         std::all_of(value.begin(), value.end(), [](const Json& number) { return number.is_number(); });
}

bool is_person(const Json& value) { return value.is_array() && !value.empty() && is_point(value.front()); }

bool has_landmarks(const Json& value) {
  return value.is_object() &&
         std::any_of(kLandmarkKeys.begin(), kLandmarkKeys.end(), [&](const char* key) { return value.contains(key); });
}

// A picture: nobody, a person, several, or an object that has them under one of the names.
void read_people(const JsonRecord& place, const std::string& name, RecordCollector& out, int depth = 0) {
  const Json& value = place.value();
  if (value.is_null() || (value.is_array() && value.empty()) || depth > 4) return;
  if (is_person(value)) return out.add_person(name, {read_landmarks(place)});
  if (value.is_array()) {
    for (std::size_t i = 0; i < place.count(); ++i) read_people(place.at(i), name, out, depth + 1);
    return;
  }
  if (has_landmarks(value) && place.has_any(kLandmarkKeys)) read_people(place.at(kLandmarkKeys), name, out, depth + 1);
  if (!value.is_object()) place.fail("it is no list of landmarks", "export it again");
}

// Entries that are pictures, and not the people or points of one.
bool is_list_of_pictures(const Json& value) {
  if (!value.is_array() || value.empty() || is_person(value)) return false;
  return std::any_of(value.begin(), value.end(), [](const Json& entry) {
    return has_landmarks(entry) || is_person(entry) || (entry.is_array() && !entry.empty() && is_person(entry.front()));
  });
}

void read_list(const JsonRecord& list, RecordCollector& out) {
  bool numbered = false;
  for (std::size_t i = 0; i < list.count(); ++i) numbered = numbered || list.at(i).has_any(kNumberKeys);
  if (!numbered) out.set_positional();
  for (std::size_t i = 0; i < list.count(); ++i) {
    const auto entry = list.at(i);
    const auto name = numbered ? entry.at(kNumberKeys).name() : std::to_string(i);
    out.add_picture(name);
    read_people(entry, name, out);
  }
}

// The list of pictures in a file, if it has one.
std::optional<JsonRecord> picture_list(const JsonRecord& root) {
  if (is_list_of_pictures(root.value())) return root;
  if (root.has_any({"frames"}) && is_list_of_pictures(root.value()["frames"])) return root.at({"frames"});
  for (const char* key : kLandmarkKeys)
    if (root.has(key) && is_list_of_pictures(root.value()[key]) && has_landmarks(root.value()[key].front()))
      return root.at({key});
  return std::nullopt;
}

}  // namespace

bool is_landmarks(const JsonRecord& root) {
  return picture_list(root) || is_person(root.value()) || has_landmarks(root.value());
}

void read_landmark_pictures(const JsonRecord& root, const std::string& picture, RecordCollector& out) {
  // In a folder each file is a picture: what looks like several are its people.
  const auto list = picture.empty() ? picture_list(root) : std::nullopt;
  if (list) return read_list(*list, out);
  const std::string name = picture.empty() ? "0" : picture;
  out.add_picture(name);
  read_people(root, name, out);
}

}  // namespace retime
