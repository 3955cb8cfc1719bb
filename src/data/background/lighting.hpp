#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "data/decode/frame_source.hpp"
#include "data/geometry/camera_plane.hpp"
#include "data/masks/mask_track.hpp"

namespace retime {

/// How one frame is lit relative to the plate: frame ~= gain * plate + offset + field, channels in RGB order.
struct FrameLighting {
  cv::Vec3f gain{1.F, 1.F, 1.F};
  cv::Vec3f offset{0.F, 0.F, 0.F};  ///< in levels of 0..255
  cv::Mat field;  ///< CV_32FC3, low-resolution offsets in levels, spread over the picture; may be empty
};

struct LightingOptions {
  float effect_margin = 0.06F;  ///< masks are dilated by this fraction of the picture's width before fitting
  cv::Size field_size{8, 5};    ///< nodes of the field; 0x0 = global gain and offset only
  int smoothing_radius = 1;     ///< frames on either side that the fit is averaged with
  bool show_progress = false;
};

/// Fits one frame robustly. `usable`: CV_8U, 255 where the frame shows the background; nothing usable gives the
/// identity.
FrameLighting fit_lighting(const cv::Mat& frame, const cv::Mat& plate, const cv::Mat& usable,
                           const LightingOptions& options);

/// Lighting of every frame relative to `plate` (RGB, CV_8UC3), from pixels that no object (dilated) covers and that
/// were observed (CV_8U, 255; may be empty = everywhere).
std::vector<FrameLighting> estimate_lighting(const FrameSequence& source, const cv::Mat& plate, const cv::Mat& observed,
                                             const std::vector<MaskTrack>& tracks, const LightingOptions& options);

/// The same for a camera that may move: `plate` and `observed` lie in the plane; fields are spread over the frames.
std::vector<FrameLighting> estimate_lighting(const FrameSequence& source, const cv::Mat& plate, const cv::Mat& observed,
                                             const std::vector<MaskTrack>& tracks, const CameraPlane& plane,
                                             const LightingOptions& options);

/// The plate as frame with `lighting` would show it: RGB, CV_8UC3.
cv::Mat lit_plate(const cv::Mat& plate, const FrameLighting& lighting);

/// The reverse: the frame as it would look under the plate's lighting, RGB, CV_8UC3.
cv::Mat unlit_frame(const cv::Mat& frame, const FrameLighting& lighting);

/// Pairs of levels (0..255) to fit y ~= gain * x + offset to.
struct LineSamples {
  std::vector<float> x, y;
};

struct Line {
  float gain = 1.F, offset = 0.F;
};

/// Standard deviation of residuals in levels, from their median size, so that outliers do not count; 0.7 at least.
float robust_sigma(const std::vector<float>& residuals);

/// Tukey's biweight: 1 at residual 0, 0 for outliers.
float tukey_weight(float residual, float sigma);

/// Iteratively reweighted least squares; up to half of the samples may be outliers. The identity for fewer than 50
/// samples.
Line fit_line(const LineSamples& samples);

}  // namespace retime
