#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <mutex>
#include <numeric>
#include <opencv2/imgproc.hpp>

#include "core/log.hpp"
#include "core/progress.hpp"
#include "data/background/lighting.hpp"
#include "data/background/plate.hpp"
#include "data/camera/camera_matching.hpp"
#include "data/camera/camera_motion.hpp"
#include "data/geometry/camera_plane.hpp"

namespace retime {
namespace {

constexpr int kPlateSamples = 80;
constexpr float kRestless = 8.F;       // noise, in levels, of what moves by itself: water, leaves
constexpr double kMostError = 24;      // levels: what differs more is no misalignment
constexpr double kWorthARound = 0.95;  // of the error before: after a round that brought less no other is made
constexpr double kLeastGain = 0.995;   // of the error: what is no better than this is left alone

cv::Mat gray_of(const cv::Mat& rgb) {
  cv::Mat gray;
  cv::cvtColor(rgb, gray, cv::COLOR_RGB2GRAY);
  return gray;
}

/// A frame and what the panorama has in its place.
class PanoramaView {
 public:
  PanoramaView(cv::Mat frame, cv::Mat background, const Plate& plate)
      : frame_(std::move(frame)), background_(std::move(background)), plate_(plate) {}

  /// Mean difference in levels under a camera; differences beyond kMostError count as that much.
  double error(const CameraPlane& plane, int index) const {
    const cv::Mat usable = usable_pixels(plane, index), view = lit_view(plane, index, usable);
    cv::Mat difference;
    cv::absdiff(frame_, view, difference);
    cv::min(difference, cv::Scalar::all(kMostError), difference);
    const cv::Scalar mean = cv::mean(difference, usable);
    return (mean[0] + mean[1] + mean[2]) / 3;
  }

  /// Corrects where the plate's view lies in the frame.
  FrameMatch align(const CameraPlane& plane, int index) const {
    const cv::Mat usable = usable_pixels(plane, index);
    return align_pictures(gray_of(lit_view(plane, index, usable)), usable, gray_of(frame_), background_,
                          cv::Matx33d::eye());
  }

 private:
  cv::Mat usable_pixels(const CameraPlane& plane, int index) const {
    const cv::Mat calm = plane.to_frame(plate_.noise, index, cv::INTER_LINEAR) < kRestless;
    return background_ & calm & (plane.to_frame(plate_.observed, index, cv::INTER_LINEAR) == 255);
  }

  cv::Mat lit_view(const CameraPlane& plane, int index, const cv::Mat& usable) const {
    const cv::Mat view = plane.to_frame(plate_.color, index, cv::INTER_LANCZOS4);
    return lit_plate(view, fit_lighting(frame_, view, usable, LightingOptions{}));
  }

  cv::Mat frame_, background_;
  const Plate& plate_;
};

/// `h` after a correction found in pixels of the frame.
Homography corrected(const Homography& h, const cv::Matx33d& correction, Size training_size, cv::Size frame_size) {
  Homography pixels;
  std::copy_n(correction.val, 9, pixels.begin());
  const double scale_x = static_cast<double>(training_size.width) / frame_size.width,
               scale_y = static_cast<double>(training_size.height) / frame_size.height;
  Homography result = product(in_scaled_pixels(pixels, scale_x, scale_y), h);
  const double last = result[8];
  for (double& value : result) value /= last;
  return result;
}

/// The plane of frame 0 is that of its pixels.
void anchor_to_first_frame(CameraPath& camera) {
  const Homography plane_from_first = inverse(camera.frame_from_plane.front());
  for (Homography& h : camera.frame_from_plane) {
    h = product(h, plane_from_first);
    const double last = h[8];
    for (double& value : h) value /= last;
  }
}

/// One round of refinement: what the cameras' frames and their panorama say about each other.
class RefinementRound {
 public:
  RefinementRound(const FrameSequence& source, const std::vector<MaskTrack>& tracks, Size training_size,
                  const CameraPath& camera, bool show_progress)
      : source_(source),
        tracks_(tracks),
        training_size_(training_size),
        camera_(camera),
        show_progress_(show_progress),
        plane_(camera, training_size, source.size()),
        plate_(estimate_plate(source, tracks, plane_, {.samples = kPlateSamples, .show_progress = show_progress})) {
    errors_.resize(static_cast<std::size_t>(source.count()));
    for_frames("camera errors", [&](int t) { errors_[static_cast<std::size_t>(t)] = view(t).error(plane_, t); });
  }

  /// Mean difference between frames and panorama, in levels.
  double error() const { return std::accumulate(errors_.begin(), errors_.end(), 0.0) / source_.count(); }

  /// The camera with each frame aligned to the panorama where that brings the two closer.
  CameraPath aligned() const {
    CameraPath result = camera_;
    for_frames("camera refinement",
               [&](int t) { result.frame_from_plane[static_cast<std::size_t>(t)] = aligned(t, view(t)); });
    anchor_to_first_frame(result);
    update_bounds(result, training_size_, source_.size().width / training_size_.width);
    return result;
  }

 private:
  /// Calls `work` for every frame, several at a time.
  void for_frames(const char* what, const std::function<void(int)>& work) const {
    Progress progress(what, "frames", source_.count(), show_progress_);
    std::mutex telling;
    int done = 0;
    cv::parallel_for_({0, source_.count()}, [&](const cv::Range& frames) {
      for (int t = frames.start; t < frames.end; ++t) {
        work(t);
        const std::lock_guard lock(telling);
        progress.update(++done);
      }
    });
  }

  PanoramaView view(int frame) const {
    return {source_.frame(frame), background_of(union_mask(tracks_, frame, source_.size())), plate_};
  }

  Homography aligned(int frame, const PanoramaView& view) const {
    const auto t = static_cast<std::size_t>(frame);
    const Size size = source_.size();
    const FrameMatch match = view.align(plane_, frame);
    if (!match.is_sure()) return camera_.frame_from_plane[t];
    CameraPath trial = camera_;
    trial.frame_from_plane[t] =
        corrected(camera_.frame_from_plane[t], match.second_from_first, training_size_, {size.width, size.height});
    const bool better = view.error({trial, training_size_, size}, frame) < kLeastGain * errors_[t];
    return (better ? trial : camera_).frame_from_plane[t];
  }

  const FrameSequence& source_;
  const std::vector<MaskTrack>& tracks_;
  Size training_size_;
  const CameraPath& camera_;
  bool show_progress_;
  CameraPlane plane_;
  Plate plate_;
  std::vector<double> errors_;
};

}  // namespace

void refine_camera(const FrameSequence& source, const std::vector<MaskTrack>& tracks, Size training_size, int rounds,
                   CameraPath& camera, bool show_progress) {
  CameraPath candidate = camera;
  double least = std::numeric_limits<double>::max();
  for (int round = 0; round <= rounds; ++round) {
    const RefinementRound now(source, tracks, training_size, candidate, show_progress);
    log_info(fmt::format("camera: the frames differ from their panorama by {:.2f} levels", now.error()));
    if (now.error() >= least) return;
    camera = candidate;
    if (round == rounds || now.error() > kWorthARound * least) return;
    least = now.error();
    candidate = now.aligned();
  }
}

}  // namespace retime
