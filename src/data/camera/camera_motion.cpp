#include "data/camera/camera_motion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/progress.hpp"
#include "data/camera/camera_matching.hpp"
#include "data/geometry/camera_plane.hpp"

namespace retime {
namespace {

constexpr int kProbes = 24;          // frames that tell whether the camera moves
constexpr int kPlainPoints = 60;     // that agree, for a motion to be plain ...
constexpr double kPlainShare = 0.8;  // ... and of the points that were followed
constexpr double kOverlap = 0.6;     // of a key frame's area that a frame must show to be matched to it

CameraFrame load(const FrameSequence& source, const std::vector<MaskTrack>& tracks, int frame) {
  return {source.frame(frame), union_mask(tracks, frame, source.size())};
}

/// Whether so many of the points that were followed agree that no other motion can have more of them.
bool is_plain(const FrameMatch& match) {
  return match.inliers >= kPlainPoints && match.inliers >= kPlainShare * match.points;
}

/// How two frames lie to each other, to a fraction of a pixel, starting from `guess` and, unless that is plainly right,
/// from what features tell.
FrameMatch relate(const CameraFrame& first, const CameraFrame& second, const cv::Matx33d& guess) {
  const FrameMatch from_guess = align_frames(first, second, guess);
  if (is_plain(from_guess)) return from_guess;
  const FrameMatch rough = match_features(first, second);
  if (!rough.is_sure()) return from_guess;
  const FrameMatch from_features = align_frames(first, second, rough.second_from_first);
  // The guess, which has the frames before to speak for it, is given up only for a clearly better one.
  return 2 * from_features.inliers > 3 * from_guess.inliers ? from_features : from_guess;
}

/// Share of a picture's area that is still in the picture after the homography.
double overlap(const cv::Matx33d& h, cv::Size size) {
  constexpr int kGrid = 12;
  int inside = 0;
  for (int j = 0; j < kGrid; ++j)
    for (int i = 0; i < kGrid; ++i) {
      const cv::Vec3d p = h * cv::Vec3d((i + 0.5) * size.width / kGrid, (j + 0.5) * size.height / kGrid, 1);
      const double x = p[0] / p[2], y = p[1] / p[2];
      inside += p[2] > 0 && x >= 0 && y >= 0 && x < size.width && y < size.height;
    }
  return static_cast<double>(inside) / (kGrid * kGrid);
}

/// Whether the camera moved between two frames; nothing if they do not tell. Features may all lie on something large
/// that passes by: then corners from all over the picture still show a part that stands.
std::optional<bool> background_moves(const CameraFrame& first, const CameraFrame& second) {
  const FrameMatch features = match_features(first, second);
  if (!features.is_sure()) return std::nullopt;
  if (2 * features.still >= features.inliers) return false;
  const FrameMatch corners = align_frames(first, second, cv::Matx33d::eye());
  if (corners.points < 16) return std::nullopt;
  return 8 * corners.still < corners.points;
}

/// Follows the background from frame to frame.
class CameraTracker {
 public:
  CameraTracker(const FrameSequence& source, const std::vector<MaskTrack>& tracks) : source_(source), tracks_(tracks) {
    previous_ = load(source, tracks, 0);
    keys_.push_back({previous_, cv::Matx33d::eye()});
    path_.push_back(cv::Matx33d::eye());
  }

  /// Row-major frame_from_plane of every frame, in pixels of the frames.
  std::vector<cv::Matx33d> run(bool show_progress) {
    Progress progress("camera", "frames", source_.count(), show_progress);
    for (int t = 1; t < source_.count(); ++t) {
      step(t);
      progress.update(t + 1);
    }
    return path_;
  }

 private:
  struct KeyFrame {
    CameraFrame frame;
    cv::Matx33d frame_from_plane;
  };

  void step(int frame) {
    CameraFrame current = load(source_, tracks_, frame);
    expected_ = path_.back();
    if (frame > 1) expected_ = expected_ * path_[path_.size() - 2].inv() * expected_;  // as fast as before
    auto found = from_key(keys_[active_], current);
    if (!found) found = from_older_keys(current);
    if (!found) {
      keys_.push_back({previous_, path_.back()});
      active_ = keys_.size() - 1;
      found = from_key(keys_[active_], current);
    }
    if (!found)
      throw Error(
          fmt::format("the camera's motion cannot be followed from frame {} to {} (too few points of the "
                      "background agree): give --homographies, cut the clip there, or use --camera static",
                      frame - 1, frame));
    path_.push_back(*found * (1.0 / (*found)(2, 2)));
    previous_ = std::move(current);
  }

  /// frame_from_plane of a frame that lies as one before it did, nearly; nothing if the two do not fit together.
  std::optional<cv::Matx33d> from_key(const KeyFrame& key, const CameraFrame& current) const {
    const cv::Matx33d guess = expected_ * key.frame_from_plane.inv();
    const FrameMatch match = relate(key.frame, current, guess);
    if (!match.is_sure() || overlap(match.second_from_first, current.gray().size()) < kOverlap) return std::nullopt;
    return match.second_from_first * key.frame_from_plane;
  }

  /// The camera may come back to where it was: that stops errors from adding up.
  std::optional<cv::Matx33d> from_older_keys(const CameraFrame& current) {
    std::size_t best = active_;
    double most = kOverlap;
    for (std::size_t k = 0; k < keys_.size(); ++k) {
      const double share = overlap(path_.back() * keys_[k].frame_from_plane.inv(), current.gray().size());
      if (k != active_ && share > most) best = k, most = share;
    }
    if (best == active_) return std::nullopt;
    const auto found = from_key(keys_[best], current);
    if (found) active_ = best;
    return found;
  }

  const FrameSequence& source_;
  const std::vector<MaskTrack>& tracks_;
  std::vector<KeyFrame> keys_;
  std::size_t active_ = 0;
  CameraFrame previous_;
  cv::Matx33d expected_ = cv::Matx33d::eye();
  std::vector<cv::Matx33d> path_;
};

constexpr int kRefinementsOfGiven = 1;

CameraPath given_camera(const FrameSequence& source, const std::vector<MaskTrack>& tracks, Size training_size,
                        const CameraRequest& request) {
  auto camera = read_homographies(request.homographies, training_size, request.first_frame + source.count());
  auto& path = camera.frame_from_plane;
  path.erase(path.begin(), path.begin() + request.first_frame);
  update_bounds(camera, training_size, source.size().width / training_size.width);
  const int rounds = std::min(request.refinements, kRefinementsOfGiven);
  if (rounds > 0) refine_camera(source, tracks, training_size, rounds, camera, request.show_progress);
  return camera;
}

}  // namespace

bool camera_moves(const FrameSequence& source, const std::vector<MaskTrack>& tracks, bool show_progress) {
  const int count = source.count(), probes = std::min(count, kProbes);
  Progress progress("camera check", "frames", probes, show_progress);
  int told = 0, moved = 0;
  CameraFrame last;
  for (int i = 0; i < probes; ++i) {
    const int t = static_cast<int>(static_cast<long>(i) * (count - 1) / std::max(1, probes - 1));
    CameraFrame frame = load(source, tracks, t);
    if (i > 0) {
      const auto moves = background_moves(last, frame);
      told += moves.has_value();
      moved += moves.value_or(false);
    }
    last = std::move(frame);
    progress.update(i + 1);
  }
  return moved >= 2 && 10 * moved >= told;
}

CameraPath estimate_camera(const FrameSequence& source, const std::vector<MaskTrack>& tracks, Size training_size,
                           int refinements, bool show_progress) {
  const Size size = source.size();
  const double scale_x = static_cast<double>(training_size.width) / size.width,
               scale_y = static_cast<double>(training_size.height) / size.height;
  CameraPath camera;
  for (const cv::Matx33d& h : CameraTracker(source, tracks).run(show_progress)) {
    Homography pixels;
    std::copy_n(h.val, 9, pixels.begin());
    camera.frame_from_plane.push_back(in_scaled_pixels(pixels, scale_x, scale_y));
  }
  update_bounds(camera, training_size, size.width / training_size.width);
  if (refinements > 0) refine_camera(source, tracks, training_size, refinements, camera, show_progress);
  return camera;
}

CameraPath choose_camera(const FrameSequence& source, const std::vector<MaskTrack>& tracks, Size training_size,
                         const CameraRequest& request) {
  if (request.mode == CameraMode::kStatic) return {};
  if (!request.homographies.empty()) return given_camera(source, tracks, training_size, request);
  if (request.mode == CameraMode::kAuto && !camera_moves(source, tracks, request.show_progress)) return {};
  log_info("the camera moves: estimating its path");
  return estimate_camera(source, tracks, training_size, request.refinements, request.show_progress);
}

bool is_still_camera(const FrameSequence& source, const CameraRequest& request) {
  if (request.mode == CameraMode::kStatic) return true;
  return request.mode == CameraMode::kAuto && request.homographies.empty() &&
         !camera_moves(source, {}, request.show_progress);
}

}  // namespace retime
