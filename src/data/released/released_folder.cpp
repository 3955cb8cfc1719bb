#include "data/released/released_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <set>

#include "core/error.hpp"
#include "core/text.hpp"
#include "data/decode/frame_folder.hpp"
#include "media/picture_codecs.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

constexpr const char *kTraining = "rgb_256", *kFull = "rgb_512", *kOmnimatte = "rgb";

Size picture_size(const fs::path& file) {
  const cv::Mat picture = picture_codecs().read(file.string(), cv::IMREAD_COLOR);
  if (picture.empty())
    throw Error("cannot read the frame " + file.string() + " (not a PNG or JPEG, or damaged): export it again");
  return {picture.cols, picture.rows};
}

std::vector<std::string> file_names(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& file : image_files(folder)) names.push_back(file.filename().string());
  return names;
}

std::vector<std::string> sub_folders(const fs::path& folder) {
  std::vector<std::string> names;
  if (!fs::is_directory(folder)) return names;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.is_directory() && entry.path().filename().string().front() != '.')
      names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end(), natural_less);
  return names;
}

/// Throws Error unless `files` names exactly the pictures in `folder`.
void check_same_names(const fs::path& folder, const std::vector<std::string>& files, const fs::path& frames) {
  const auto found = file_names(folder);
  const std::string counts = counted(std::ssize(found), "picture") + " for " + counted(std::ssize(files), "frame");
  const std::set<std::string> there(found.begin(), found.end()), wanted(files.begin(), files.end());
  for (const auto& name : files)
    if (!there.contains(name))
      throw Error(fmt::format("{} is missing ({}): add a picture for every frame, all 0 where the object is absent",
                              (folder / name).string(), counts));
  for (const auto& name : found)
    if (!wanted.contains(name))
      throw Error(fmt::format("{} belongs to no frame ({}; {} has no such name): remove it, or add the frame",
                              (folder / name).string(), counts, frames.string()));
}

using Json = nlohmann::json;

/// What metadata.json of the released tools says about layers; each may be missing (empty).
struct ReleasedMetadata {
  std::vector<std::vector<int>> order;          ///< `composite_order` per frame, object indices from 0, back to front
  std::vector<std::vector<int>> people_layers;  ///< person ids of each layer
  Size keypoints_size;                          ///< `alphapose_input_size`, 0x0 when not given
};

/// What the rest of the folder says, for checks.
struct ReleasedCounts {
  std::size_t frames = 0, objects = 0;
  Size training_size;  ///< 0x0 = not known
};

/// metadata.json, and where in it we are.
class Metadata {
 public:
  Metadata(const std::filesystem::path& file, const ReleasedCounts& counts) : file_(file), counts_(counts) {
    std::ifstream in(file);
    try {
      json_ = Json::parse(in);
    } catch (const Json::exception& error) {
      throw Error(file.string() + " is not valid JSON (" + error.what() + "): correct it");
    }
    if (!json_.is_object()) fail("", "it is no object", "write {\"size_LR\": [W, H], ...}");
  }

  void check_size() const {
    if (!json_.contains("size_LR") || counts_.training_size == Size{}) return;
    const auto size = integers(json_["size_LR"], "size_LR");
    const auto [width, height] = counts_.training_size;
    if (size != std::vector<int>{width, height})
      fail("size_LR", fmt::format("it is {}, the training frames have {}x{}", json_["size_LR"].dump(), width, height),
           "correct it, or export the frames again");
  }

  Size keypoints_size() const {
    if (!json_.contains("alphapose_input_size") || json_["alphapose_input_size"].is_null()) return {};
    const auto size = integers(json_["alphapose_input_size"], "alphapose_input_size");
    if (size.size() != 2 || size[0] == 0 || size[1] == 0)
      fail("alphapose_input_size", json_["alphapose_input_size"].dump() + " is no width and height", "correct it");
    return {size[0], size[1]};
  }

  std::vector<std::vector<int>> order() const {
    auto order = lists("composite_order");
    if (order.empty() || counts_.objects == 0) return {};
    if (order.size() < counts_.frames)
      fail("composite_order",
           fmt::format("it has {} for {} frames", counted(std::ssize(order), "entry", "entries"), counts_.frames),
           "give one per frame");
    for (std::size_t t = 0; t < order.size(); ++t) check_permutation(order[t], t);
    for (auto& frame : order)
      for (int& layer : frame) --layer;
    return order;
  }

  std::vector<std::vector<int>> people_layers() const {
    auto layers = lists("people_layers");
    std::set<int> seen;
    for (const auto& layer : layers)
      for (const int person : layer) {
        if (person < 1 || person > 254)
          fail("people_layers", fmt::format("person {} is out of range", person), "use ids from 1 to 254");
        if (!seen.insert(person).second)
          fail("people_layers", fmt::format("person {} is named twice", person), "put everybody on one layer");
      }
    return layers;
  }

 private:
  [[noreturn]] void fail(const std::string& key, const std::string& problem, const std::string& advice) const {
    throw Error(file_.string() + (key.empty() ? "" : ", " + key) + ": " + problem + ": " + advice);
  }

  std::vector<int> integers(const Json& json, const std::string& key) const {
    const bool good =
        json.is_array() && std::all_of(json.begin(), json.end(), [](const Json& value) {
          return value.is_number_integer() && value.get<std::int64_t>() >= 0 && value.get<std::int64_t>() < 1'000'000;
        });
    if (!good) fail(key, json.dump().substr(0, 60) + " is no list of whole numbers", "correct it");
    return json.get<std::vector<int>>();
  }

  std::vector<std::vector<int>> lists(const std::string& key) const {
    std::vector<std::vector<int>> result;
    if (!json_.contains(key) || json_[key].is_null()) return result;
    if (!json_[key].is_array()) fail(key, "it is no list", "write a list of lists");
    for (const auto& entry : json_[key])
      result.push_back(integers(entry, fmt::format("{} entry {}", key, result.size())));
    return result;
  }

  void check_permutation(const std::vector<int>& layers, std::size_t frame) const {
    auto sorted = layers;
    std::sort(sorted.begin(), sorted.end());
    bool good = sorted.size() == counts_.objects;
    for (std::size_t i = 0; good && i < sorted.size(); ++i) good = sorted[i] == static_cast<int>(i) + 1;
    if (!good)
      fail("composite_order",
           fmt::format("frame {} has {}, which does not name each of the {} layers once", frame, Json(layers).dump(),
                       counts_.objects),
           "list layers from 1, back to front");
  }

  std::filesystem::path file_;
  ReleasedCounts counts_;
  Json json_;
};

/// Reads metadata.json. Throws Error naming the key, the frame and the value when it is malformed or contradicts
/// `counts`: a size_LR of another size, an order that is no permutation of the layers, people in two layers.
ReleasedMetadata metadata_of(const std::filesystem::path& file, const ReleasedCounts& counts) {
  const Metadata metadata(file, counts);
  metadata.check_size();
  return {metadata.order(), metadata.people_layers(), metadata.keypoints_size()};
}

}  // namespace

bool ReleasedFolder::recognises(const fs::path& folder) {
  return fs::is_directory(folder / kTraining) || fs::is_directory(folder / kFull) ||
         fs::is_directory(folder / kOmnimatte);
}

ReleasedFolder::ReleasedFolder(const fs::path& folder, const FrameRange& range) : folder_(folder) {
  for (const char* name : {kFull, kTraining, kOmnimatte})
    if (frames_.empty() && fs::is_directory(folder / name)) frames_ = name;
  if (frames_.empty())
    throw Error("no frames in " + folder.string() + " (neither rgb_256, rgb_512 nor rgb is there): check the path");
  list_frames(range);
  find_sizes();
  find_objects();
  read_metadata(range);
}

void ReleasedFolder::list_frames(const FrameRange& range) {
  names_ = file_names(frames());
  all_frames_ = names_.size();
  if (names_.empty()) throw Error("no frames in the folder " + frames().string() + " (no .png or .jpg file): add them");
  if (!training_frames().empty()) check_same_names(training_frames(), names_, frames());
  const auto last = std::min(static_cast<std::size_t>(range.last), all_frames_ - 1);
  if (static_cast<std::size_t>(range.first) > last)
    throw Error(fmt::format("the frames from {} on are not in {} (it has {}): check --first-frame", range.first,
                            frames().string(), all_frames_));
  names_.erase(names_.begin() + static_cast<std::ptrdiff_t>(last) + 1, names_.end());
  names_.erase(names_.begin(), names_.begin() + range.first);
}

void ReleasedFolder::find_sizes() {
  const Size size = picture_size(frames() / names_.front());
  keypoints_size_ = size;
  if (frames_ == kOmnimatte) return;
  training_size_ = size;
  if (frames_ == kTraining) return;
  training_size_ = {size.width / 2, size.height / 2};
  const auto small = training_frames();
  if (small.empty() ? size.width % 2 == 0 && size.height % 2 == 0
                    : picture_size(small / names_.front()) == training_size_)
    if (size == Size{2 * training_size_.width, 2 * training_size_.height}) return;
  throw Error(fmt::format("the frames in {} have {} and those in {} {} (rgb_512 must be exactly twice as large): {}",
                          frames().string(), size_text(size), (folder_ / kTraining).string(),
                          small.empty() ? "do not exist" : size_text(picture_size(small / names_.front())),
                          "scale them again"));
}

void ReleasedFolder::find_objects() {
  objects_ = sub_folders(folder_ / "iuv");
  if (objects_.empty()) return;
  if (frames_ == kOmnimatte)
    throw Error((folder_ / "iuv").string() + " lies beside rgb (its maps belong to frames in rgb_256): rename rgb");
  check_pictures("iuv");
  has_full_iuv_ = fs::is_directory(folder_ / "iuv_512");
  if (has_full_iuv_) check_pictures("iuv_512");
  for (const auto& name : sub_folders(folder_ / "mask"))
    if (std::find(objects_.begin(), objects_.end(), name) == objects_.end())
      throw Error(fmt::format("{} has no folder of that name in {}: rename it, or add the IUV maps",
                              (folder_ / "mask" / name).string(), (folder_ / "iuv").string()));
}

void ReleasedFolder::check_pictures(const char* kind) const {
  const auto all = file_names(frames());
  for (const auto& name : objects_) {
    const auto folder = folder_ / kind / name;
    if (!fs::is_directory(folder))
      throw Error(folder.string() + " is missing (there is " + (folder_ / "iuv" / name).string() + "): add it");
    check_same_names(folder, all, frames());
  }
}

void ReleasedFolder::read_metadata(const FrameRange& range) {
  const auto file = folder_ / "metadata.json";
  if (!fs::exists(file)) return;
  auto metadata = metadata_of(file, {all_frames_, objects_.size(), training_size_});
  people_layers_ = std::move(metadata.people_layers);
  if (metadata.keypoints_size != Size{}) keypoints_size_ = metadata.keypoints_size;
  if (metadata.order.empty() || !has_iuv()) return;
  const auto first = metadata.order.begin() + range.first;
  order_.assign(first, first + frame_count());
}

fs::path ReleasedFolder::training_frames() const {
  return frames_ == kFull && fs::is_directory(folder_ / kTraining) ? folder_ / kTraining : fs::path();
}

fs::path ReleasedFolder::picture(const char* kind, int object, int frame) const {
  return folder_ / kind / objects_.at(static_cast<std::size_t>(object)) / frame_name(frame);
}

fs::path ReleasedFolder::mask_folder() const {
  return !has_iuv() && fs::is_directory(folder_ / "mask") ? folder_ / "mask" : fs::path();
}

fs::path ReleasedFolder::keypoints() const {
  const auto file = folder_ / "keypoints.json";
  return fs::exists(file) ? file : fs::path();
}

fs::path ReleasedFolder::homographies() const {
  const auto file = folder_ / "homographies.txt";
  return fs::exists(file) ? file : fs::path();
}

}  // namespace retime
