#pragma once

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "data/decode/frame_source.hpp"
#include "data/geometry/camera_plane.hpp"
#include "data/masks/mask_track.hpp"

namespace retime {

/// The empty scene, in the common plane of the frames.
struct Plate {
  cv::Mat color;     ///< RGB, CV_8UC3
  cv::Mat observed;  ///< CV_8U, 255 where some frame showed the background, 0 where it is inpainted
  cv::Mat noise;     ///< CV_32F, robust standard deviation over time of the compensated background, in levels
};

struct PlateOptions {
  int samples = 160;            ///< frames it is taken from, at most, spread evenly
  float effect_margin = 0.06F;  ///< masks are dilated by this fraction of the picture's width to leave out shadows
  int memory_mib = 256;         ///< bound on the samples held at once; larger pictures are read in several strips
  int interpolation = cv::INTER_LANCZOS4;  ///< by which frames of a moving camera are resampled
  bool show_progress = false;
};

/// Temporal median, per pixel, of what no object covers, with changes of exposure taken out. Pixels that the dilated
/// masks cover in all samples use the bare masks, and those still never seen are inpainted and marked not observed.
/// Throws Error if the clip is empty.
Plate estimate_plate(const FrameSequence& source, const std::vector<MaskTrack>& tracks, const PlateOptions& options);

/// The same for a camera that may move: a panorama of `plane.plate_size()`.
Plate estimate_plate(const FrameSequence& source, const std::vector<MaskTrack>& tracks, const CameraPlane& plane,
                     const PlateOptions& options);

}  // namespace retime
