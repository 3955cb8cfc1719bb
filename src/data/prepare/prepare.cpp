#include "data/prepare/prepare.hpp"

#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <mutex>
#include <opencv2/imgproc.hpp>
#include <optional>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "core/options.hpp"
#include "core/progress.hpp"
#include "data/background/scene_backdrop.hpp"
#include "data/body/body_guess.hpp"
#include "data/body/body_objects.hpp"
#include "data/body/network_file.hpp"
#include "data/camera/camera_motion.hpp"
#include "data/complete/completed_objects.hpp"
#include "data/decode/frame_source.hpp"
#include "data/keypoints/keypoint_files.hpp"
#include "data/keypoints/object_keypoints.hpp"
#include "data/masks/map_coverage.hpp"
#include "data/masks/object_groups.hpp"
#include "data/masks/object_maps.hpp"
#include "data/masks/object_source.hpp"
#include "data/matting/matting.hpp"
#include "data/matting/visibility.hpp"
#include "data/prepare/found_objects.hpp"
#include "data/prepare/joined_objects.hpp"
#include "data/released/released_objects.hpp"
#include "media/mat.hpp"
#include "pose/joints.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

// How long a trace of an object is looked for before it appears and after it has left, in frames.
constexpr int kTraceFrames = 8;

Image resized(const Image& image, Size size) {
  cv::Mat result;
  const bool smaller = size.width <= image.size.width;
  cv::resize(as_mat(image), result, {size.width, size.height}, 0, 0, smaller ? cv::INTER_AREA : cv::INTER_CUBIC);
  return to_image(result);
}

// Frames at full size, read back from the scene that is being written.
class SceneFrames final : public FrameSequence {
 public:
  SceneFrames(const SceneWriter& scene, Size size) : scene_(scene), size_(size) {}
  int count() const override { return scene_.frame_count(); }
  Size size() const override { return size_; }
  cv::Mat frame(int index) const override {
    cv::Mat rgb(size_.height, size_.width, CV_8UC3);
    const std::lock_guard lock(reading_);
    scene_.read_full_frame(index, {rgb.data, 3 * size_.area()});
    return rgb;
  }

 private:
  const SceneWriter& scene_;
  Size size_;
  mutable std::mutex reading_;
};

// One preparation, step by step.
class Preparation {
 public:
  Preparation(const fs::path& clip, const fs::path& scene_file, const PrepareOptions& options)
      : options_(options),
        released_(open_released(clip, options)),
        source_(open_source(clip)),
        keypoints_(open_keypoints()),
        info_(describe(clip)),
        scene_(scene_file, info_),
        frames_(scene_, info_.full_size()) {}

  void run() {
    copy_frames();
    find_objects();
    find_camera();
    scene_.set_objects(track_names(objects_->tracks()), true);
    write_keypoints();
    make_backdrop();
    write_maps();
    write_notes();
    scene_.commit();
  }

 private:
  static FrameRange range_of(const PrepareOptions& options) {
    FrameRange range{options.first_frame};
    if (options.last_frame >= 0) range.last = options.last_frame;
    return range;
  }

  static std::optional<ReleasedFolder> open_released(const fs::path& clip, const PrepareOptions& options) {
    if (!ReleasedFolder::recognises(clip)) return std::nullopt;
    ReleasedFolder folder(clip, range_of(options));
    if (options.size != "auto" && folder.training_size() != Size{})
      throw UsageError("--size cannot be chosen for " + clip.string() + " (its frames and maps set it to " +
                       size_text(folder.training_size()) + "): leave it out");
    if (options.scale == "4" && folder.training_size() != Size{})
      throw UsageError("--scale 4 cannot be had for " + clip.string() +
                       " (its frames are twice as large as its maps): leave it out");
    return folder;
  }

  std::unique_ptr<FrameSource> open_source(const fs::path& frames) const {
    const auto rate = static_cast<int>(std::lround(options_.fps * 1000));
    return open_frames(released_ ? released_->frames() : frames, range_of(options_), {rate, 1000});
  }

  // Frames that somebody has scaled to the training size already.
  std::unique_ptr<FrameSource> open_training_frames() const {
    if (!released_ || released_->training_frames().empty()) return nullptr;
    return open_frames(released_->training_frames(), range_of(options_), source_->info().rate);
  }

  // Before the clip is decoded: mistakes in the file are told at once.
  std::optional<KeypointRecords> open_keypoints() const {
    const bool is_found = released_ && options_.keypoints.empty();
    const fs::path path = is_found ? released_->keypoints() : fs::path(options_.keypoints);
    if (path.empty()) return std::nullopt;
    return read_keypoints(path, is_found ? released_->keypoints_size() : source_->info().stored_size);
  }

  SceneInfo describe(const fs::path& clip) const {
    const auto& clip_info = source_->info();
    SceneInfo info;
    info.size = released_ ? released_->training_size() : Size{};
    if (info.size == Size{}) {
      info.scale = full_scale(options_.scale, options_.size, clip_info.size);
      info.size = training_size(options_.size, clip_info.size, info.scale);
    }
    info.fps = clip_info.rate;
    info.preparation = preparation_text(options_);
    info.source.path = fs::absolute(clip).lexically_normal().string();
    info.source.fingerprint = fingerprint_of(clip);
    info.source.start_s = options_.first_frame / clip_info.rate.value();
    info.source.has_audio = clip_info.has_audio;
    return info;
  }

  // Frames in the range asked for as the clip declares them; 0 where it does not.
  std::int64_t declared_frames() const {
    const auto count = source_->info().frame_count;
    const FrameRange range = range_of(options_);
    return count ? std::max(0, std::min(range.last, *count - 1) - range.first + 1) : 0;
  }

  void copy_frames() {
    const auto& clip_info = source_->info();
    Progress progress("decode", "frames", declared_frames(), options_.show_progress);
    const auto scaled = open_training_frames();
    for (Image rgb, base; source_->next(rgb); progress.update(scene_.frame_count())) {
      if (!scaled || !scaled->next(base)) base = resized(rgb, info_.size);
      scene_.add_frame(base, resized(rgb, info_.full_size()));
    }
    if (scene_.frame_count() < 2)
      throw Error(
          fmt::format("the clip has {} frame(s) in the range asked for (a scene needs motion): check --first-frame and "
                      "--last-frame",
                      scene_.frame_count()));
    log_info(fmt::format("{} frames of {}, fitted at {}", scene_.frame_count(), size_text(clip_info.size),
                         size_text(info_.size)));
  }

  void find_objects() {
    if (keypoints_) people_ = brought_people();
    objects_ = grouped(open_objects());
    for (const auto& track : objects_->tracks())
      if (track.name == "background" || track.name == "all")
        throw Error("the object '" + track.name + "' has a name that edits use for something else: rename its folder");
    order_ = objects_->order();
    if (order_.empty()) order_ = depth_order(objects_->tracks(), info_.full_size());
    visible_ = visible_tracks(objects_->visible(), order_, info_.full_size(), options_.show_progress);
  }

  std::unique_ptr<ObjectSource> open_objects() {
    const SceneSizes sizes{info_.size, info_.full_size()};
    if (!options_.masks.empty()) return read_masks(options_.masks, source_->info().size, sizes);
    if (released_ && options_.object_choice().search == ObjectSearch::kAuto) {
      if (released_->has_iuv()) return std::make_unique<ReleasedObjects>(*released_, sizes, options_.show_progress);
      const auto masks = released_->mask_folder();
      const Size size = released_->training_size() == Size{} ? source_->info().size : released_->training_size();
      if (!masks.empty()) return with_bodies(read_masks(masks, size, sizes), OutlineTrust::kMasks);
      if (auto painted = painted_objects(sizes)) return painted;
    }
    auto found = search();
    if (!keypoints_) people_ = std::move(found.people);
    return completed(std::make_unique<MaskObjects>(std::move(found.tracks), sizes), MasksShow::kVisibleParts);
  }

  std::unique_ptr<ObjectSource> grouped(std::unique_ptr<ObjectSource> objects) const {
    ObjectGroups groups;
    if (released_ && options_.group.empty() && options_.masks.empty()) groups = people_groups(*released_);
    if (!options_.group.empty()) groups = parse_groups(options_.group, track_names(objects->tracks()));
    if (groups.empty()) return objects;
    return std::make_unique<GroupedObjects>(std::move(objects), std::move(groups), info_.full_size());
  }

  std::unique_ptr<ObjectSource> read_masks(const fs::path& path, Size size, const SceneSizes& sizes) {
    // The masks of a released folder are those of all its frames, others those of the frames taken.
    const int first = released_ ? options_.first_frame : 0;
    MaskFolder folder(path, released_ ? released_->all_frames() : scene_.frame_count(), size);
    auto tracks = read_tracks(folder, first, scene_.frame_count(), sizes.full, options_.show_progress);
    MasksShow shown = options_.masks_are;
    if (options_.searches_beside_masks()) {
      shown = what_masks_show(shown, tracks, sizes.full);
      auto found = search();
      if (!keypoints_) people_ = std::move(found.people);
      tracks = joined_objects(named_objects(std::move(tracks), folder, first), found.tracks, shown);
    }
    return completed(std::make_unique<MaskObjects>(std::move(tracks), sizes, std::move(folder), first), shown);
  }

  FoundObjects search() const {
    ObjectChoice choice = options_.object_choice();
    choice.may_find_none = options_.searches_beside_masks();
    choice.rate = info_.fps.value();
    return found_objects(frames_, choice, camera_request());
  }

  std::unique_ptr<ObjectSource> completed(std::unique_ptr<ObjectSource> objects, MasksShow shown) {
    const auto& tracks = objects->tracks();
    const auto guess = [&] {
      const auto network = body_network();
      if (network) joints_ = joints_of_objects(people_, tracks, scene_.frame_count());
      return body_guess(network, joints_, info_.full_size());
    };
    return retime::completed(std::move(objects), shown, {info_.size, info_.full_size()}, info_.fps.value(),
                             options_.show_progress, {}, guess);
  }

  // For people whose joints are known; that it is missing is told once.
  std::shared_ptr<BodyNetwork> body_network() {
    if (people_.empty() || has_asked_) return network_;
    has_asked_ = true;
    network_ = open_body_network(options_.body_network);
    if (!network_ && options_.body_network != "none") log_info(missing_body_network("--body-network"));
    return network_;
  }

  std::unique_ptr<ObjectSource> with_bodies(std::unique_ptr<ObjectSource> objects, OutlineTrust trust) {
    const auto network = body_network();
    if (!network) return objects;
    if (joints_.empty()) joints_ = joints_of_objects(people_, objects->tracks(), scene_.frame_count());
    return std::make_unique<BodyObjects>(std::move(objects), joints_, network,
                                         SceneSizes{info_.size, info_.full_size()}, trust);
  }

  // People of whom there are only joints; nothing where nobody can be painted.
  std::unique_ptr<ObjectSource> painted_objects(const SceneSizes& sizes) {
    const auto network = body_network();
    if (!network) return nullptr;
    auto tracks = painted_people(people_, *network, scene_.frame_count(), info_.full_size(), options_.show_progress);
    if (tracks.empty()) return nullptr;
    return with_bodies(std::make_unique<MaskObjects>(std::move(tracks), sizes), OutlineTrust::kPainted);
  }

  static std::vector<std::string> track_names(const std::vector<MaskTrack>& tracks) {
    std::vector<std::string> result;
    for (const auto& track : tracks) result.push_back(track.name);
    return result;
  }

  void find_camera() {
    camera_ = choose_camera(frames_, objects_->tracks(), info_.size, camera_request());
    if (!camera_.frame_from_plane.empty()) scene_.write_camera(camera_);
  }

  CameraRequest camera_request() const {
    fs::path homographies = options_.homographies;
    if (released_ && homographies.empty() && options_.camera == CameraMode::kAuto)
      homographies = released_->homographies();
    return {options_.camera, homographies, options_.first_frame, options_.show_progress};
  }

  std::vector<KeypointTrack> brought_people() const {
    const auto frames = released_ ? released_->frames() : fs::path(info_.source.path);
    const auto clip = clip_of_keypoints(frames, *source_, range_of(options_), scene_.frame_count());
    return people_of_clip(*keypoints_, clip, info_.full_size());
  }

  void write_keypoints() {
    if (!keypoints_ && people_.empty()) return;
    const auto& tracks = objects_->tracks();
    if (joints_.size() != tracks.size()) joints_ = joints_of_objects(people_, tracks, scene_.frame_count());
    for (std::size_t i = 0; i < joints_.size(); ++i)
      scene_.write_keypoints(static_cast<int>(i), joint_values(joints_[i]));
  }

  void make_backdrop() {
    log_info("estimating the background and its lighting");
    backdrop_.emplace(frames_, objects_->tracks(), camera_, info_.size, options_.show_progress);
    const Plate& plate = backdrop_->plate();
    scene_.write_plate({to_image(plate.color), to_image(plate.observed)}, backdrop_->lighting());
    scene_.write_ground_contact(ground_contact(objects_->tracks(), camera_, info_.full_size(), info_.size));
  }

  void write_maps() {
    const int count = static_cast<int>(objects_->tracks().size());
    coverage_.emplace(objects_->tracks().size());
    Progress progress("object maps", "frames", scene_.frame_count(), options_.show_progress);
    for (int t = 0; t < scene_.frame_count(); ++t) {
      const auto& order = order_[static_cast<std::size_t>(t)];
      const auto bodies = masks_of_frame(objects_->tracks(), t);
      // A shadow may be in the picture before its owner comes in and after he has left.
      auto anchors = effect_anchors(visible_, t, info_.full_size(), kTraceFrames);
      // Nor does it go when its owner is hidden wholly.
      for (std::size_t i = 0; i < anchors.size(); ++i)
        if (anchors[i].empty()) anchors[i] = bodies[i];
      const auto mattes = solve_mattes(frames_.frame(t), backdrop_->frame(t), masks_of_frame(visible_, t), {}, anchors);
      for (int i = 0; i < count; ++i) write_object(t, i, {bodies, anchors, order}, mattes[static_cast<std::size_t>(i)]);
      scene_.write_order(t, std::vector<std::uint8_t>(order.begin(), order.end()));
      progress.update(t + 1);
    }
  }

  void write_object(int frame, int object, const FrameObjects& objects, const Matte& matte) {
    const bool has_body = !objects.bodies[static_cast<std::size_t>(object)].empty();
    ObjectMaps maps;
    if (has_body || cv::countNonZero(matte.rgba.reshape(1)) > 0) {
      maps = objects_->maps(object, frame);
      coverage_->add(object, frame, as_mat(maps.iuv_full), objects.bodies[static_cast<std::size_t>(object)]);
      maps.present = true;
      maps.matte = to_image(matte.rgba);
      maps.visibility = to_image(matte_visibility(object, objects, matte.contested, info_.full_size()));
    }
    scene_.write_maps(frame, object, maps);
  }

  void write_notes() {
    for (int i = 0; i < static_cast<int>(objects_->tracks().size()); ++i) {
      const auto& track = objects_->tracks()[static_cast<std::size_t>(i)];
      auto notes = track.notes;
      if (const auto problem = coverage_->problem(i); !problem.empty()) {
        notes.push_back(problem);
        log_warn(track.name + ": " + problem);
      }
      scene_.write_notes(i, notes);
    }
  }

  PrepareOptions options_;
  std::optional<ReleasedFolder> released_;
  std::unique_ptr<FrameSource> source_;
  std::optional<KeypointRecords> keypoints_;
  std::vector<KeypointTrack> people_;  // whom keypoints tell, or networks found
  std::shared_ptr<BodyNetwork> network_;
  bool has_asked_ = false;  // for it
  ObjectJoints joints_;     // of the objects, once they were asked for
  SceneInfo info_;
  SceneWriter scene_;
  SceneFrames frames_;
  std::unique_ptr<ObjectSource> objects_;
  std::vector<MaskTrack> visible_;
  std::vector<std::vector<int>> order_;
  CameraPath camera_;
  std::optional<SceneBackdrop> backdrop_;
  std::optional<MapCoverage> coverage_;
};

// Before a long clip is decoded, not after.
void check_files(const fs::path& clip, const fs::path& scene_file, const PrepareOptions& options) {
  if (!fs::exists(clip)) throw Error("cannot open " + clip.string() + " (no such file): check the path");
  if (!options.masks.empty() && !fs::is_directory(options.masks))
    throw Error("cannot read the masks " + options.masks + " (no such folder): check the path");
  if (!options.keypoints.empty() && !fs::exists(options.keypoints))
    throw Error("cannot read the keypoints " + options.keypoints + " (no such file or folder): check the path");
  if (options.body_network != "auto") open_body_network(options.body_network);  // mistakes are told at once
  if (!options.homographies.empty() && !fs::is_regular_file(options.homographies))
    throw Error("cannot read the homographies " + options.homographies + " (no such file): check the path");
  check_writable(scene_file);
  if (fs::exists(scene_file) && fs::equivalent(clip, scene_file))
    throw Error("the scene would replace the clip " + clip.string() + ": name another file with --output");
}

}  // namespace

void prepare_scene(const fs::path& clip, const fs::path& scene_file, const PrepareOptions& options) {
  options.validate();
  check_files(clip, scene_file, options);
  if (thread_limit() > 0) cv::setNumThreads(thread_limit());
  Preparation(clip, scene_file, options).run();
}

}  // namespace retime
