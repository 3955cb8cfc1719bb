#include "data/prepare/prepare_options.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include "core/error.hpp"
#include "core/files.hpp"
#include "data/body/network_file.hpp"
#include "data/people/people_models.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

constexpr int kMinShortSide = 128, kMaxShortSide = 256, kMaxShortSideAtFour = 270;
// Clips of more rows (or columns) than this get layers at four times the training size.
constexpr int kLargestAtTwo = 1024;

int shorter_side(Size size) { return std::min(size.width, size.height); }

}  // namespace

void PrepareOptions::add_to(OptionTable& table) {
  const std::string section = "prepare";
  table.add(section, "size", size,
            "training size WxH in pixels; auto: the clip's by the scale, smaller side 128 to 256 (at scale 4: to 270)");
  table.add_choice(section, "scale", scale, {"auto", "2", "4"},
                   "layers are so many times the training size; auto: 4 for clips above 1024 rows, else 2");
  table.add(section, "objects", objects,
            "people: those whom networks find; moving, or a number: all that moves, or the largest; auto: the best of "
            "these. Not given: auto, or with --masks nothing");
  table.add(section, "masks", masks,
            "folder of masks (one sub-folder of PNG files per object); with --objects others are found besides");
  table.add(section, "keypoints", keypoints,
            "joints of people: JSON of AlphaPose, OpenPose, COCO, mmpose or MediaPipe, a file or a folder");
  table.add(section, "body-network", body_network,
            "file of the network that tells bodies from joints (`retime uv train` makes it); auto: the one that comes "
            "with the program; none: do without");
  table.add_choice(
      section, "masks-are", masks_are, kMasksShow,
      "visible: what the frames show, completed where others hide it; amodal: whole bodies; auto: amodal if "
      "they overlap, else visible");
  table.add(section, "group", group, "objects that share a layer, by name: 01+02,03+04");
  table.add_choice(section, "camera", camera, kCameraModes,
                   "static: it stands still; estimate: it moves, find out how; auto: see whether it moves");
  table.add(section, "homographies", homographies, "file with the motion of the camera, instead of estimating it");
  table.add(section, "first-frame", first_frame, "first frame to take, from 0");
  table.add(section, "last-frame", last_frame, "last frame to take; -1: the clip's last");
  table.add(section, "fps", fps, "frames per second, for folders of frames");
}

ObjectChoice PrepareOptions::object_choice() const {
  static const Choices<ObjectSearch> searches{
      {"auto", ObjectSearch::kAuto}, {"people", ObjectSearch::kPeople}, {"moving", ObjectSearch::kMoving}};
  for (const auto& [word, search] : searches)
    if (objects == word || (objects.empty() && search == ObjectSearch::kAuto)) return {search};
  int count = 0;
  const auto [end, error] = std::from_chars(objects.data(), objects.data() + objects.size(), count);
  require(error == std::errc() && end == objects.data() + objects.size() && count >= 1 && count <= 100,
          "objects must be auto, people, moving or a number from 1 to 100, not '" + objects + "'");
  return {ObjectSearch::kMoving, count};
}

void PrepareOptions::validate() const {
  training_size(size, {1920, 1080});
  object_choice();
  if (camera != CameraMode::kAuto && !homographies.empty())
    throw UsageError("--homographies gives the camera's motion and --camera " + word_of(kCameraModes, camera) +
                     " something else: give one of them");
  require(first_frame >= 0, "first-frame must not be negative");
  require(last_frame < 0 || last_frame > first_frame, "last-frame must be after first-frame");
  require(fps > 0 && fps <= 1000, "fps must be above 0 and at most 1000");
}

int full_scale(const std::string& scale, const std::string& size, Size source) {
  if (scale != "auto") return std::stoi(scale);
  if (shorter_side(source) <= kLargestAtTwo) return 2;
  return 4 * shorter_side(training_size(size, source, 4)) <= shorter_side(source) ? 4 : 2;
}

Size training_size(const std::string& option, Size source, int scale) {
  if (option == "auto") {
    const int shorter = shorter_side(source);
    const int target = std::clamp(shorter / scale, kMinShortSide, scale == 4 ? kMaxShortSideAtFour : kMaxShortSide);
    const auto scaled = [&](int side) {
      return std::max(2, static_cast<int>(std::lround(0.5 * side * target / shorter)) * 2);
    };
    return {scaled(source.width), scaled(source.height)};
  }
  Size size;
  char cross = 0, rest = 0;
  if (std::sscanf(option.c_str(), "%d%c%d%c", &size.width, &cross, &size.height, &rest) != 3 || cross != 'x' ||
      size.width < 32 || size.height < 32 || size.width > 8192 || size.height > 8192)
    throw UsageError("size must be auto or WIDTHxHEIGHT from 32 to 8192 pixels, not '" + option + "': see --help");
  return size;
}

std::string preparation_text(const PrepareOptions& options) {
  PrepareOptions copy = options;
  OptionTable table;
  copy.add_to(table);
  std::string text = table.dump();
  const bool may_have_joints = options.masks.empty() || !options.keypoints.empty();
  const std::string network =
      options.body_network == "auto" || options.body_network == "none" ? "" : options.body_network;
  for (const auto& path : {options.masks, options.keypoints, options.homographies, network})
    if (!path.empty() && fs::exists(path)) text += "# " + path + " " + fingerprint_of(path) + "\n";
  const bool searches = options.masks.empty() || options.searches_beside_masks();
  if (searches && options.object_choice().search == ObjectSearch::kAuto && find_people_models())
    text += "# with networks that find people\n";
  const auto shipped = options.body_network == "auto" && may_have_joints ? find_body_network() : std::nullopt;
  if (shipped) text += "# with the network " + fingerprint_of(*shipped) + " that tells bodies\n";
  return text;
}

}  // namespace retime
