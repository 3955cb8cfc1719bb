#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <opencv2/imgproc.hpp>

#include "core/log.hpp"
#include "data/background/lighting.hpp"
#include "data/background/plate.hpp"
#include "data/camera/camera_matching.hpp"
#include "data/camera/camera_motion.hpp"
#include "data/decode/frame_loop.hpp"
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

/// A frame and what the panorama has in its place, lit as the frame is, under a camera.
class PanoramaView {
 public:
  /// `background`: CV_8U, 255 where no object is near.
  PanoramaView(const cv::Mat& frame, const cv::Mat& background, const Plate& plate, const CameraPlane& plane, int index)
      : frame_(frame), background_(background) {
    const cv::Mat calm = plane.to_frame(plate.noise, index, cv::INTER_LINEAR) < kRestless;
    usable_ = background & calm & (plane.to_frame(plate.observed, index, cv::INTER_LINEAR) == 255);
    const cv::Mat view = plane.to_frame(plate.color, index, cv::INTER_CUBIC);
    lit_ = lit_plate(view, fit_lighting(frame, view, usable_, LightingOptions{}));
  }

  /// Mean difference in levels; differences beyond kMostError count as that much.
  double error() const {
    cv::Mat difference;
    cv::absdiff(frame_, lit_, difference);
    cv::min(difference, cv::Scalar::all(kMostError), difference);
    const cv::Scalar mean = cv::mean(difference, usable_);
    return (mean[0] + mean[1] + mean[2]) / 3;
  }

  /// Corrects where the plate's view lies in the frame.
  FrameMatch align() const {
    return align_frames(CameraFrame::of_gray(gray_of(lit_), usable_),
                        CameraFrame::of_gray(gray_of(frame_), background_), cv::Matx33d::eye());
  }

 private:
  const cv::Mat &frame_, &background_;
  cv::Mat usable_, lit_;
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
        plate_(estimate_plate(
            source, tracks, plane_,
            {.samples = kPlateSamples, .interpolation = cv::INTER_CUBIC, .show_progress = show_progress})) {}

  /// Mean difference between frames and panorama, in levels.
  double error() const {
    std::vector<double> errors(static_cast<std::size_t>(source_.count()));
    for_frames("camera errors", source_.count(), show_progress_, [&](int t) {
      errors[static_cast<std::size_t>(t)] = PanoramaView(source_.frame(t), background(t), plate_, plane_, t).error();
    });
    return mean_of(errors);
  }

  /// The camera with each frame aligned to the panorama where that brings the two closer. `error` becomes what
  /// `error()` gives.
  CameraPath aligned(double& error) const {
    CameraPath result = camera_;
    std::vector<double> errors(static_cast<std::size_t>(source_.count()));
    for_frames("camera refinement", source_.count(), show_progress_, [&](int t) {
      const auto index = static_cast<std::size_t>(t);
      result.frame_from_plane[index] = aligned_frame(t, errors[index]);
    });
    error = mean_of(errors);
    anchor_to_first_frame(result);
    update_bounds(result, training_size_, source_.size().width / training_size_.width);
    return result;
  }

 private:
  static double mean_of(const std::vector<double>& errors) {
    return std::accumulate(errors.begin(), errors.end(), 0.0) / static_cast<double>(errors.size());
  }

  cv::Mat background(int frame) const { return background_of(union_mask(tracks_, frame, source_.size())); }

  Homography aligned_frame(int t, double& error) const {
    const cv::Mat frame = source_.frame(t), free = background(t);
    const PanoramaView now(frame, free, plate_, plane_, t);
    error = now.error();
    const Homography& before = camera_.frame_from_plane[static_cast<std::size_t>(t)];
    const FrameMatch match = now.align();
    if (!match.is_sure()) return before;
    CameraPath trial = camera_;
    trial.frame_from_plane[static_cast<std::size_t>(t)] =
        corrected(before, match.second_from_first, training_size_, frame.size());
    const PanoramaView then(frame, free, plate_, {trial, training_size_, source_.size()}, t);
    return then.error() < kLeastGain * error ? trial.frame_from_plane[static_cast<std::size_t>(t)] : before;
  }

  const FrameSequence& source_;
  const std::vector<MaskTrack>& tracks_;
  Size training_size_;
  const CameraPath& camera_;
  bool show_progress_;
  CameraPlane plane_;
  Plate plate_;
};

}  // namespace

void refine_camera(const FrameSequence& source, const std::vector<MaskTrack>& tracks, Size training_size, int rounds,
                   CameraPath& camera, bool show_progress) {
  CameraPath candidate = camera;
  double least = std::numeric_limits<double>::max();
  for (int round = 0; round <= rounds; ++round) {
    const RefinementRound now(source, tracks, training_size, candidate, show_progress);
    double error = 0;
    CameraPath better;
    if (round == 0)  // which is surely followed by another one
      better = now.aligned(error);
    else
      error = now.error();
    log_info(fmt::format("camera: the frames differ from their panorama by {:.2f} levels", error));
    if (error >= least) return;
    camera = candidate;
    if (round == rounds || error > kWorthARound * least) return;
    least = error;
    candidate = round == 0 ? better : now.aligned(error);
  }
}

}  // namespace retime
