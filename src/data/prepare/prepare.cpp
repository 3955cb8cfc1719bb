#include "data/prepare/prepare.hpp"

#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <mutex>
#include <opencv2/imgproc.hpp>
#include <optional>
#include <tuple>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "core/options.hpp"
#include "core/progress.hpp"
#include "core/text.hpp"
#include "data/body/network_file.hpp"
#include "data/decode/frame_source.hpp"
#include "data/keypoints/keypoint_files.hpp"
#include "data/keypoints/object_keypoints.hpp"
#include "data/masks/object_maps.hpp"
#include "data/people/people_models.hpp"
#include "data/prepare/earlier_scene.hpp"
#include "data/prepare/scene_maps.hpp"
#include "data/prepare/scene_objects.hpp"
#include "data/prepare/step_keys.hpp"
#include "media/mat.hpp"
#include "pose/joints.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

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
  Preparation(const fs::path& clip, const fs::path& scene_file, const PrepareOptions& options, Corrections corrections)
      : options_(options),
        corrections_(std::move(corrections)),
        released_(open_released(clip, options)),
        source_(open_source(clip)),
        keypoints_(open_keypoints()),
        info_(describe(clip)),
        earlier_(EarlierScene::open(scene_file, info_)),
        scene_(scene_file, info_),
        frames_(scene_, info_.full_size()) {}

  void run() {
    check_early();
    copy_frames();
    check_corrections(corrections_, scene_.frame_count(), info_.full_size());
    find_objects();
    find_camera();
    scene_.set_objects(track_names(objects_.source->tracks()), true);
    write_corrections();
    write_keypoints();
    make_backdrop();
    write_maps();
    work_.steps = preparing_steps();
    scene_.write_work(work_);
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

  // Mistakes in corrections are told before the long work, as far as that can be.
  void check_early() const {
    check_corrections(corrections_, earlier_ ? earlier_->scene().info().frame_count : kLastFrame, info_.full_size());
    if (!earlier_ || !options_.masks.empty()) return;
    if (auto found = earlier_->found()) corrected_tracks(corrections_, std::move(found->tracks), info_.full_size());
  }

  void copy_frames() {
    if (earlier_) return take_frames(earlier_->scene());
    const auto& clip_info = source_->info();
    Progress progress("decode", "frames", declared_frames(), options_.show_progress);
    const auto scaled = open_training_frames();
    for (Image rgb, base; source_->next(rgb); progress.update(scene_.frame_count())) {
      if (!scaled || !scaled->next(base)) base = resized(rgb, info_.size);
      scene_.add_frame(base, resized(rgb, info_.full_size()));
    }
    if (scene_.frame_count() < 2)
      throw Error(
          fmt::format("the clip has {} in the range asked for (a scene needs motion): check --first-frame and "
                      "--last-frame",
                      counted(scene_.frame_count(), "frame")));
    log_info(fmt::format("{} frames of {}, fitted at {}", scene_.frame_count(), size_text(clip_info.size),
                         size_text(info_.size)));
  }

  void take_frames(const SceneReader& scene) {
    log_info("frames and what was found in them are taken from the scene that is there");
    Image base(info_.size, 3);
    for (int t = 0; t < scene.info().frame_count; ++t) {
      scene.read_base(t, 1, base.pixels);
      scene_.add_frame(base, scene.read_full(t));
    }
  }

  void find_objects() {
    const ObjectRequest request{options_,
                                released_,
                                corrections_,
                                keypoints_ ? std::optional(brought_people()) : std::nullopt,
                                frames_,
                                source_->info().size,
                                {info_.size, info_.full_size()},
                                info_.fps.value(),
                                camera_request()};
    objects_ = scene_objects(request, earlier_ ? earlier_->found() : std::nullopt);
    note_found(objects_.found, work_);
  }

  static std::vector<std::string> track_names(const std::vector<MaskTrack>& tracks) {
    std::vector<std::string> result;
    for (const auto& track : tracks) result.push_back(track.name);
    return result;
  }

  void find_camera() {
    const auto& tracks = objects_.source->tracks();
    work_.camera_key = camera_key(tracks);
    const auto before = earlier_ ? earlier_->camera(work_.camera_key) : std::nullopt;
    camera_ = before ? *before : choose_camera(frames_, tracks, info_.size, camera_request());
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
    for (std::size_t i = 0; i < objects_.joints.size(); ++i)
      scene_.write_keypoints(static_cast<int>(i), joint_values(objects_.joints[i]));
  }

  // Where nobody knows what a frame shows, it says nothing of the background.
  std::vector<MaskTrack> covering_tracks() const {
    auto tracks = objects_.source->tracks();
    const auto& [left_out, unknown] = std::tie(objects_.corrected.left_out, objects_.corrected.unknown);
    const Size size = info_.full_size();
    const BoxMask all(cv::Rect(0, 0, size.width, size.height),
                      cv::Mat(size.height, size.width, CV_8U, cv::Scalar(255)));
    MaskTrack covered{"", std::vector<BoxMask>(left_out.size())};
    for (std::size_t t = 0; t < left_out.size(); ++t) {
      if (left_out[t]) covered.frames[t] = all;
      for (const auto& areas : unknown) covered.frames[t] = united_mask(covered.frames[t], areas[t]);
    }
    if (first_frame(covered) >= 0) tracks.push_back(std::move(covered));
    return tracks;
  }

  void make_backdrop() {
    const auto tracks = covering_tracks();
    work_.backdrop_key = backdrop_key(tracks, camera_);
    if (earlier_) backdrop_ = earlier_->backdrop(work_.backdrop_key, camera_);
    if (!backdrop_) {
      log_info("estimating the background and its lighting");
      backdrop_.emplace(frames_, tracks, camera_, info_.size, options_.show_progress);
    }
    note_backdrop(*backdrop_, work_);
    const Plate& plate = backdrop_->plate();
    scene_.write_plate({to_image(plate.color), to_image(plate.observed)}, backdrop_->lighting());
    scene_.write_ground_contact(
        ground_contact(objects_.source->tracks(), camera_, info_.full_size(), info_.size, info_.fps.value()));
  }

  void write_maps() {
    MapWriter maps(scene_, frames_, objects_, *backdrop_, earlier_ ? &*earlier_ : nullptr, work_);
    const int made = maps.run(options_.show_progress);
    if (earlier_)
      log_info(fmt::format("mattes of {} of {} frames were made anew, the others are as before", made,
                           scene_.frame_count()));
    write_notes(maps.coverage());
  }

  void write_corrections() {
    std::vector<int> left_out;
    for (int t = 0; t < scene_.frame_count(); ++t)
      if (objects_.corrected.left_out[static_cast<std::size_t>(t)]) left_out.push_back(t);
    scene_.write_corrections(corrections_.text, left_out);
    for (const auto& change : objects_.corrected.changes) log_info("corrections: " + change);
    for (const auto& warning : objects_.corrected.warnings) log_warn("corrections: " + warning);
  }

  void write_notes(const MapCoverage& coverage) {
    const auto& tracks = objects_.source->tracks();
    for (int i = 0; i < static_cast<int>(tracks.size()); ++i) {
      const auto& track = tracks[static_cast<std::size_t>(i)];
      auto notes = track.notes;
      if (const auto problem = coverage.problem(i); !problem.empty()) {
        notes.push_back(problem);
        log_warn(track.name + ": " + problem);
      }
      scene_.write_notes(i, notes);
    }
  }

  PrepareOptions options_;
  Corrections corrections_;
  std::optional<ReleasedFolder> released_;
  std::unique_ptr<FrameSource> source_;
  std::optional<KeypointRecords> keypoints_;
  SceneInfo info_;
  std::optional<EarlierScene> earlier_;
  SceneWriter scene_;
  SceneFrames frames_;
  SceneWork work_;
  SceneObjects objects_;
  CameraPath camera_;
  std::optional<SceneBackdrop> backdrop_;
};

// Before a long clip is decoded, not after.
void check_files(const fs::path& clip, const fs::path& scene_file, const PrepareOptions& options) {
  if (!fs::exists(clip)) throw Error("cannot open " + clip.string() + " (no such file): check the path");
  if (!options.masks.empty() && !fs::is_directory(options.masks))
    throw Error("cannot read the masks " + options.masks + " (no such folder): check the path");
  if (!options.keypoints.empty() && !fs::exists(options.keypoints))
    throw Error("cannot read the keypoints " + options.keypoints + " (no such file or folder): check the path");
  const bool searches = options.masks.empty() || options.searches_beside_masks();
  if (searches && options.object_choice().search == ObjectSearch::kPeople) require_people_models();
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
  auto corrections = read_corrections(corrections_file(scene_file));
  if (thread_limit() > 0) cv::setNumThreads(thread_limit());
  Preparation(clip, scene_file, options, std::move(corrections)).run();
}

}  // namespace retime
