#include "data/prepare.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <opencv2/imgproc.hpp>
#include <optional>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "core/progress.hpp"
#include "data/auto_objects.hpp"
#include "data/frame_source.hpp"
#include "data/homographies.hpp"
#include "data/lighting.hpp"
#include "data/mask_folder.hpp"
#include "data/matting.hpp"
#include "data/object_maps.hpp"
#include "data/plate.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

// How long a trace of an object is looked for before it appears and after it has left, in frames.
constexpr int kTraceFrames = 8;
constexpr int kMinShortSide = 128, kMaxShortSide = 256;

cv::Mat view(Image& image) {
  return {image.size.height, image.size.width, CV_8UC(image.channels), image.pixels.data()};
}

Image to_image(const cv::Mat& mat) {
  Image image({mat.cols, mat.rows}, mat.channels());
  mat.copyTo(view(image));
  return image;
}

Image resized(Image& image, Size size) {
  cv::Mat result;
  const bool smaller = size.width <= image.size.width;
  cv::resize(view(image), result, {size.width, size.height}, 0, 0, smaller ? cv::INTER_AREA : cv::INTER_CUBIC);
  return to_image(result);
}

cv::Mat halved(const cv::Mat& picture, int interpolation) {
  cv::Mat result;
  cv::resize(picture, result, {picture.cols / 2, picture.rows / 2}, 0, 0, interpolation);
  return result;
}

// Frames at twice the training size, read back from the scene that is being written.
class SceneFrames final : public FrameSequence {
 public:
  SceneFrames(const SceneWriter& scene, Size size) : scene_(scene), size_(size) {}
  int count() const override { return scene_.frame_count(); }
  Size size() const override { return size_; }
  cv::Mat frame(int index) const override {
    Image image = scene_.read_full_frame(index);
    return view(image).clone();
  }

 private:
  const SceneWriter& scene_;
  Size size_;
};

// One preparation, step by step.
class Preparation {
 public:
  Preparation(const fs::path& clip, const fs::path& scene_file, const PrepareOptions& options)
      : options_(options), source_(open_source(clip, options)), info_(describe(clip)), scene_(scene_file, info_),
        frames_(scene_, info_.full_size()) {}

  void run() {
    copy_frames();
    find_tracks();
    const bool moving = !options_.homographies.empty();
    scene_.set_objects(names(), !moving);
    if (moving)
      scene_.write_camera(read_homographies(options_.homographies, info_.size, scene_.frame_count()));
    else
      make_plate();
    write_maps();
    scene_.commit();
  }

 private:
  static std::unique_ptr<FrameSource> open_source(const fs::path& clip, const PrepareOptions& options) {
    FrameRange range{options.first_frame};
    if (options.last_frame >= 0) range.last = options.last_frame;
    const auto rate = static_cast<int>(std::lround(options.fps * 1000));
    return open_frames(clip, range, {rate, 1000});
  }

  SceneInfo describe(const fs::path& clip) const {
    const auto& clip_info = source_->info();
    SceneInfo info;
    info.size = training_size(options_.size, clip_info.size);
    info.fps = clip_info.rate;
    info.preparation = preparation_text(options_);
    info.source.path = fs::absolute(clip).lexically_normal().string();
    info.source.fingerprint = fingerprint_of(clip);
    info.source.start_s = options_.first_frame / clip_info.rate.value();
    info.source.has_audio = clip_info.has_audio;
    return info;
  }

  void copy_frames() {
    const auto& clip_info = source_->info();
    Progress progress("decode", "frames", 0, options_.show_progress);
    for (Image rgb; source_->next(rgb); progress.update(scene_.frame_count()))
      scene_.add_frame(resized(rgb, info_.size), resized(rgb, info_.full_size()));
    if (scene_.frame_count() < 2)
      throw Error("the clip has " + std::to_string(scene_.frame_count()) +
                  " frame(s) in the range asked for (a scene needs motion): check --first-frame and --last-frame");
    log_info(std::to_string(scene_.frame_count()) + " frames of " + std::to_string(clip_info.size.width) + "x" +
             std::to_string(clip_info.size.height) + ", fitted at " + std::to_string(info_.size.width) + "x" +
             std::to_string(info_.size.height));
  }

  void find_tracks() {
    if (!options_.masks.empty()) return read_masks();
    log_info("looking for moving objects");
    AutoObjectsOptions options;
    if (options_.objects != "auto") options.max_objects = std::stoi(options_.objects);
    tracks_ = find_objects(frames_, options);
    for (const auto& track : tracks_)
      log_info(track.name + ": frames " + std::to_string(first_frame(track)) + " to " + std::to_string(last_frame(track)));
  }

  void read_masks() {
    masks_.emplace(options_.masks, scene_.frame_count(), source_->info().size);
    for (int object = 0; object < masks_->objects(); ++object) {
      MaskTrack track{masks_->names()[static_cast<std::size_t>(object)], {}};
      for (int t = 0; t < scene_.frame_count(); ++t) {
        Image mask = masks_->read(object, t);
        cv::Mat body = view(mask) >= 192, scaled;
        cv::resize(body, scaled, {info_.full_size().width, info_.full_size().height}, 0, 0, cv::INTER_LINEAR);
        track.frames.push_back(box_mask_from_full(scaled));
      }
      if (first_frame(track) < 0)
        throw Error("the masks of object '" + track.name + "' are empty in every frame: remove its folder, or paint it");
      tracks_.push_back(std::move(track));
    }
    for (const auto& track : tracks_)
      if (track.name == "background" || track.name == "all")
        throw Error("the mask folder '" + track.name + "' has a name that edits use for something else: rename it");
    if (tracks_.empty()) throw Error(options_.masks + " holds no masks: name a folder with one sub-folder per object");
  }

  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& track : tracks_) result.push_back(track.name);
    return result;
  }

  void make_plate() {
    log_info("estimating the background and its lighting");
    plate_ = estimate_plate(frames_, tracks_, {});
    lighting_ = estimate_lighting(frames_, plate_.color, plate_.observed, tracks_, {});
    SceneLighting lighting;
    const auto& first = lighting_.front().field;
    if (!first.empty()) lighting.grid = {first.cols, first.rows};
    for (const auto& light : lighting_) {
      lighting.gain.insert(lighting.gain.end(), light.gain.val, light.gain.val + 3);
      for (int y = 0; y < lighting.grid.height; ++y)
        for (int x = 0; x < lighting.grid.width; ++x) {
          const cv::Vec3f value = light.offset + (light.field.empty() ? cv::Vec3f() : light.field.at<cv::Vec3f>(y, x));
          lighting.offset.insert(lighting.offset.end(), value.val, value.val + 3);
        }
    }
    scene_.write_plate({to_image(plate_.color), to_image(plate_.observed)}, lighting);
  }

  void write_maps() {
    const auto order = depth_order(tracks_, info_.full_size());
    std::vector<std::vector<cv::Rect2f>> boxes;
    for (const auto& track : tracks_) boxes.push_back(texture_boxes(track, info_.full_size()));
    Progress progress("object maps", "frames", scene_.frame_count(), options_.show_progress);
    for (int t = 0; t < scene_.frame_count(); ++t) {
      const auto mattes = frame_mattes(t);
      for (std::size_t i = 0; i < tracks_.size(); ++i)
        write_object(t, static_cast<int>(i), boxes[i][static_cast<std::size_t>(t)], mattes.empty() ? nullptr : &mattes[i]);
      const auto& indices = order[static_cast<std::size_t>(t)];
      scene_.write_order(t, std::vector<std::uint8_t>(indices.begin(), indices.end()));
      progress.update(t + 1);
    }
  }

  std::vector<Matte> frame_mattes(int frame) const {
    if (lighting_.empty()) return {};
    const auto backdrop = lit_plate(plate_.color, lighting_[static_cast<std::size_t>(frame)]);
    // A shadow may be in the picture before its owner comes in and after he has left.
    const auto anchors = effect_anchors(tracks_, frame, info_.full_size(), kTraceFrames);
    return solve_mattes(frames_.frame(frame), {backdrop, plate_.observed, plate_.noise}, masks_of_frame(tracks_, frame), {},
                        anchors);
  }

  void write_object(int frame, int object, const cv::Rect2f& box, const Matte* matte) {
    const auto& mask = tracks_[static_cast<std::size_t>(object)].frames[static_cast<std::size_t>(frame)];
    ObjectMaps maps;
    maps.present = !mask.empty() || (matte && cv::countNonZero(matte->rgba.reshape(1)) > 0);
    if (maps.present) {
      maps.iuv = to_image(halved(box_uv(mask, box, info_.full_size()), cv::INTER_NEAREST));
      maps.trimap = to_image(trimap(frame, object, mask));
      if (matte) maps.matte = to_image(matte->rgba);
    }
    scene_.write_maps(frame, object, maps);
  }

  // A mask with gray pixels is a trimap that someone painted: it is taken as it is.
  cv::Mat trimap(int frame, int object, const BoxMask& mask) const {
    const cv::Size size(info_.size.width, info_.size.height);
    if (masks_) {
      Image painted = masks_->read(object, frame);
      if (std::find(painted.pixels.begin(), painted.pixels.end(), 128) != painted.pixels.end()) {
        cv::Mat result;
        cv::resize(view(painted), result, size, 0, 0, cv::INTER_NEAREST);
        return result;
      }
    }
    return make_trimap(halved(full_mask(mask, info_.full_size()), cv::INTER_AREA), trimap_band(size.width));
  }

  PrepareOptions options_;
  std::unique_ptr<FrameSource> source_;
  SceneInfo info_;
  SceneWriter scene_;
  SceneFrames frames_;
  std::optional<MaskFolder> masks_;
  std::vector<MaskTrack> tracks_;
  Plate plate_;
  std::vector<FrameLighting> lighting_;
};

// Before a long clip is decoded, not after.
void check_files(const fs::path& clip, const fs::path& scene_file, const PrepareOptions& options) {
  if (!fs::exists(clip)) throw Error("cannot open " + clip.string() + " (no such file): check the path");
  if (!options.masks.empty() && !fs::is_directory(options.masks))
    throw Error("cannot read the masks " + options.masks + " (no such folder): check the path");
  if (!options.homographies.empty() && !fs::is_regular_file(options.homographies))
    throw Error("cannot read the homographies " + options.homographies + " (no such file): check the path");
  check_writable(scene_file);
  if (fs::exists(scene_file) && fs::equivalent(clip, scene_file))
    throw Error("the scene would replace the clip " + clip.string() + ": name another file with --output");
}

}  // namespace

void PrepareOptions::add_to(OptionTable& table) {
  const std::string section = "prepare";
  table.add(section, "size", size,
            "training size WxH in pixels, layers get twice that; auto: half the clip's, smaller side 128 to 256");
  table.add(section, "objects", objects, "auto, or how many moving objects to find (camera standing still)");
  table.add(section, "masks", masks, "folder of masks (one sub-folder of PNG files per object) instead of finding objects");
  table.add(section, "homographies", homographies, "file with the motion of the camera");
  table.add(section, "first-frame", first_frame, "first frame to take, from 0");
  table.add(section, "last-frame", last_frame, "last frame to take; -1: the clip's last");
  table.add(section, "fps", fps, "frames per second, for folders of frames");
}

void PrepareOptions::validate() const {
  training_size(size, {1920, 1080});
  if (objects != "auto") {
    int count = 0;
    const auto [end, error] = std::from_chars(objects.data(), objects.data() + objects.size(), count);
    if (error != std::errc() || end != objects.data() + objects.size() || count < 1 || count > 100)
      throw UsageError("objects must be auto or a number from 1 to 100, not '" + objects + "': see --help");
  }
  if (first_frame < 0) throw UsageError("first-frame must not be negative: see --help");
  if (last_frame >= 0 && last_frame <= first_frame) throw UsageError("last-frame must be after first-frame: see --help");
  if (fps <= 0 || fps > 1000) throw UsageError("fps must be above 0 and at most 1000: see --help");
}

Size training_size(const std::string& option, Size source) {
  if (option == "auto") {
    const int shorter = std::min(source.width, source.height);
    const int target = std::clamp(shorter / 2, kMinShortSide, kMaxShortSide);
    const auto scaled = [&](int side) { return std::max(2, static_cast<int>(std::lround(0.5 * side * target / shorter)) * 2); };
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
  for (const auto& path : {options.masks, options.homographies})
    if (!path.empty() && fs::exists(path)) text += "# " + path + " " + fingerprint_of(path) + "\n";
  return text;
}

void prepare_scene(const fs::path& clip, const fs::path& scene_file, const PrepareOptions& options) {
  options.validate();
  check_files(clip, scene_file, options);
  Preparation(clip, scene_file, options).run();
}

}  // namespace retime
