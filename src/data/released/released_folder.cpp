#include "data/released/released_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <opencv2/imgcodecs.hpp>
#include <set>

#include "core/error.hpp"
#include "data/decode/natural_files.hpp"
#include "data/released/released_metadata.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

constexpr const char *kTraining = "rgb_256", *kFull = "rgb_512", *kOmnimatte = "rgb";

Size picture_size(const fs::path& file) {
  const cv::Mat picture = cv::imread(file.string(), cv::IMREAD_COLOR);
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
  const std::string counts = fmt::format("{} pictures for {} frames", found.size(), files.size());
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
  auto metadata = read_released_metadata(file, {all_frames_, objects_.size(), training_size_});
  people_layers_ = std::move(metadata.people_layers);
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

fs::path ReleasedFolder::homographies() const {
  const auto file = folder_ / "homographies.txt";
  return fs::exists(file) ? file : fs::path();
}

}  // namespace retime
