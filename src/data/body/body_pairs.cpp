#include "data/body/body_pairs.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.hpp"
#include "data/decode/frame_folder.hpp"
#include "data/keypoints/keypoint_files.hpp"
#include "data/keypoints/object_keypoints.hpp"
#include "data/masks/mask_track.hpp"
#include "data/released/iuv_picture.hpp"
#include "media/picture.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

constexpr int kFewestJoints = 3;

std::vector<fs::path> layers_in(const fs::path& folder) {
  std::vector<fs::path> layers;
  for (const char* kind : {"iuv_512", "iuv"}) {
    if (!layers.empty() || !fs::is_directory(folder / kind)) continue;
    for (const auto& entry : fs::directory_iterator(folder / kind))
      if (entry.is_directory() && !image_files(entry.path()).empty()) layers.push_back(entry.path());
  }
  if (layers.empty())
    throw Error("no body maps in " + folder.string() +
                " (no pictures in iuv/NAME or iuv_512/NAME): name a folder with " + "keypoints.json and iuv");
  std::sort(layers.begin(), layers.end());
  return layers;
}

Size keypoints_size(const fs::path& folder, Size maps) {
  std::ifstream in(folder / "metadata.json");
  const auto json = nlohmann::json::parse(in, nullptr, /*allow_exceptions=*/false);
  const auto size = json.is_object() ? json.value("alphapose_input_size", nlohmann::json()) : nlohmann::json();
  if (!size.is_array() || size.size() != 2 || !size[0].is_number_integer() || !size[1].is_number_integer()) return maps;
  return {size[0].get<int>(), size[1].get<int>()};
}

/// People of a layer of maps by their numbers in it: their masks, over the pictures of all layers.
std::map<int, MaskTrack> people_of_layer(const fs::path& layer, const std::vector<std::string>& pictures, Size size) {
  std::map<int, MaskTrack> tracks;
  for (std::size_t t = 0; t < pictures.size(); ++t) {
    if (!fs::exists(layer / pictures[t])) continue;
    const auto picture = read_iuv(layer / pictures[t], size);
    for (const int person : people_in(picture)) {
      auto& track = tracks[person];
      track.name = layer.filename().string() + ", person " + std::to_string(person);
      track.frames.resize(pictures.size());
      track.frames[t] = box_mask_from_full(picture.person == person);
    }
  }
  return tracks;
}

}  // namespace

BodyPairs::BodyPairs(const fs::path& folder) {
  const auto layers = layers_in(folder);
  std::set<std::string, decltype(&natural_less)> names(&natural_less);
  for (const auto& layer : layers)
    for (const auto& file : image_files(layer)) names.insert(file.filename().string());
  const std::vector<std::string> pictures(names.begin(), names.end());
  size_ = read_picture(image_files(layers.front()).front()).size;

  std::vector<MaskTrack> tracks;
  std::vector<std::pair<fs::path, int>> people;  // layer, person
  for (const auto& layer : layers) {
    const auto those = people_of_layer(layer, pictures, size_);
    for (const auto& [person, track] : those) {
      people.emplace_back(layer, person);
      tracks.push_back(track);
    }
  }
  const auto records = read_keypoints(folder / "keypoints.json", keypoints_size(folder, size_));
  const int count = static_cast<int>(pictures.size());
  const auto joints = joints_of_objects(records, {count, pictures, 0, count}, tracks, size_);
  for (std::size_t i = 0; i < tracks.size(); ++i)
    for (std::size_t t = 0; t < pictures.size(); ++t) {
      const auto known = std::count_if(joints[i][t].begin(), joints[i][t].end(), [](auto& j) { return j.is_known(); });
      const cv::Rect box = tracks[i].frames[t].box;
      if (!box.empty() && known >= kFewestJoints && crop_around(joints[i][t]))
        places_.push_back({people[i].first / pictures[t], people[i].second, joints[i][t],
                           static_cast<double>(std::max(box.width, box.height))});
    }
  if (places_.empty())
    throw Error("no body map in " + folder.string() +
                " has joints (those of keypoints.json lie elsewhere): give the "
                "keypoints of the same pictures");
}

BodyPairs::Pair BodyPairs::at(int index) const {
  const Place& place = places_.at(static_cast<std::size_t>(index));
  return {place.joints, place.height, iuv_map(read_iuv(place.file, size_), {place.person})};
}

Image cropped_iuv(const cv::Mat& iuv, const SquareCrop& crop, int size) {
  Image result({size, size}, 3);
  const double step = crop.side / size;
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x) {
      const int from_x = static_cast<int>(std::floor(crop.left + (x + 0.5) * step));
      const int from_y = static_cast<int>(std::floor(crop.top + (y + 0.5) * step));
      if (from_x < 0 || from_y < 0 || from_x >= iuv.cols || from_y >= iuv.rows) continue;
      std::copy_n(iuv.at<cv::Vec3b>(from_y, from_x).val, 3, result.row(y) + 3 * x);
    }
  return result;
}

}  // namespace retime
