#include "data/masks/mask_folder.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <opencv2/imgcodecs.hpp>
#include <set>

#include "core/error.hpp"
#include "core/text.hpp"
#include "data/decode/frame_folder.hpp"
#include "media/picture_codecs.hpp"

namespace retime {
namespace {

using Files = std::vector<std::filesystem::path>;

struct NamedFiles {
  std::string name;
  Files files;
};

std::string counts(const NamedFiles& object, int frames) {
  return counted(std::ssize(object.files), "mask") + ", the video has " + counted(frames, "frame");
}

std::vector<NamedFiles> find_objects(const std::filesystem::path& folder) {
  const Files direct = image_files(folder);
  std::vector<NamedFiles> objects;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_directory() || name.front() == '.') continue;
    Files files = image_files(entry.path());
    if (!files.empty()) objects.push_back({name, std::move(files)});
  }
  if (!direct.empty() && !objects.empty())
    throw Error("masks both in " + folder.string() + " and in its folder " + objects.front().name +
                " (which object are the first?): put them into a folder of their own");
  if (!direct.empty()) {
    const auto named = folder.has_filename() ? folder : folder.parent_path();
    return {{named.filename().string(), direct}};
  }
  if (objects.empty())
    throw Error("no masks in " + folder.string() + " (no pictures in it or in its folders): give DIR/01/*.png, ...");
  std::sort(objects.begin(), objects.end(),
            [](const NamedFiles& a, const NamedFiles& b) { return natural_less(a.name, b.name); });
  return objects;
}

/// Files by the number in their names. Throws Error for names without one and for numbers that occur twice.
std::map<long, std::filesystem::path> by_number(const NamedFiles& object, int frames) {
  std::map<long, std::filesystem::path> numbered;
  for (const auto& file : object.files) {
    const auto number = file_number(file);
    if (!number)
      throw Error("object " + object.name + " has too few masks (" + counts(object, frames) + ", and " +
                  file.filename().string() + " has no frame number): give a mask for every frame, or number them");
    if (!numbered.emplace(*number, file).second)
      throw Error(fmt::format("two masks of object {} have the number {} ({} and {}): remove one of them", object.name,
                              *number, numbered[*number].filename().string(), file.filename().string()));
  }
  return numbered;
}

/// Whether numbers count from 0 or from 1, from the numbers of all objects.
long first_number(const std::set<long>& numbers, int frames, const std::filesystem::path& folder) {
  const bool has_zero = numbers.contains(0);
  const bool has_count = numbers.contains(frames);
  const long last = *numbers.rbegin();
  if (last > frames || (has_count && has_zero))
    throw Error(fmt::format("mask number {} in {} is past the video's end ({}): give the masks of this video", last,
                            folder.string(), counted(frames, "frame")));
  if (has_count) return 1;
  if (!has_zero && *numbers.begin() == 1)
    throw Error(
        fmt::format("the masks in {} are numbered from 1 to {} (of {} frames; is the first frame 0 or 1?): add a black "
                    "mask for the first or the last frame",
                    folder.string(), last, frames));
  return 0;
}

class Matcher {
 public:
  Matcher(std::filesystem::path folder, int frames) : folder_(std::move(folder)), frames_(frames) {}

  std::vector<Files> match(const std::vector<NamedFiles>& objects) const {
    const long first = needs_numbers(objects) ? first_number(all_numbers(objects), frames_, folder_) : 0;
    std::vector<Files> matched;
    for (const NamedFiles& object : objects)
      matched.push_back(is_complete(object) ? object.files : match_by_number(object, first));
    return matched;
  }

 private:
  bool is_complete(const NamedFiles& object) const { return static_cast<int>(object.files.size()) == frames_; }

  bool needs_numbers(const std::vector<NamedFiles>& objects) const {
    bool needed = false;
    for (const NamedFiles& object : objects) {
      if (static_cast<int>(object.files.size()) > frames_)
        throw Error("object " + object.name + " in " + folder_.string() + " has too many masks (" +
                    counts(object, frames_) + "): give one mask per frame");
      needed = needed || !is_complete(object);
    }
    return needed;
  }

  std::set<long> all_numbers(const std::vector<NamedFiles>& objects) const {
    std::set<long> numbers;
    for (const NamedFiles& object : objects) {
      if (is_complete(object)) {
        // Counted by position; only its names that look like frame numbers tell how the others count.
        const auto low = file_number(object.files.front());
        const auto high = file_number(object.files.back());
        if (low && high && *high - *low == frames_ - 1 && *low <= 1) numbers.insert({*low, *high});
        continue;
      }
      for (const auto& [number, file] : by_number(object, frames_)) numbers.insert(number);
    }
    return numbers;
  }

  Files match_by_number(const NamedFiles& object, long first) const {
    Files files(static_cast<std::size_t>(frames_));
    for (const auto& [number, file] : by_number(object, frames_))
      files.at(static_cast<std::size_t>(number - first)) = file;
    spdlog::info("object {}: {} by frame number; it is absent from {} more", object.name,
                 counted(std::ssize(object.files), "mask"), counted(frames_ - std::ssize(object.files), "frame"));
    return files;
  }

  std::filesystem::path folder_;
  int frames_;
};

/// 255, 128 and 0 for object, unknown and outside.
std::uint8_t mask_level(std::uint8_t value) {
  if (value >= 192) return 255;
  return value >= 64 ? 128 : 0;
}

}  // namespace

MaskFolder::MaskFolder(const std::filesystem::path& folder, int frames, Size size) : size_(size) {
  const auto objects = find_objects(folder);
  files_ = Matcher(folder, frames).match(objects);
  for (const NamedFiles& object : objects) names_.push_back(object.name);
}

bool MaskFolder::has(int object, int frame) const {
  return !files_.at(static_cast<std::size_t>(object)).at(static_cast<std::size_t>(frame)).empty();
}

Image MaskFolder::read(int object, int frame) const {
  Image mask(size_, 1);
  if (!has(object, frame)) return mask;
  const auto& file = files_[static_cast<std::size_t>(object)][static_cast<std::size_t>(frame)];
  const cv::Mat gray = picture_codecs().read(file.string(), cv::IMREAD_GRAYSCALE | cv::IMREAD_IGNORE_ORIENTATION);
  if (gray.empty())
    throw Error("cannot read the mask " + file.string() + " (not a picture, or damaged): export it again");
  if (Size{gray.cols, gray.rows} != size_)
    throw Error("mask " + file.string() + " has another size (" + size_text({gray.cols, gray.rows}) +
                ", the video has " + size_text(size_) + "): export the masks at the video's size");
  std::uint8_t highest = 0;
  for (int y = 0; y < gray.rows; ++y) {
    highest = std::max(highest, *std::max_element(gray.ptr(y), gray.ptr(y) + gray.cols));
    std::transform(gray.ptr(y), gray.ptr(y) + gray.cols, mask.row(y), mask_level);
  }
  if (highest > 0 && highest < 64)
    throw Error(fmt::format(
        "mask {} holds only values up to {} (object is 255, unknown 128): export it with 255 for the object",
        file.string(), highest));
  return mask;
}

}  // namespace retime
