#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/decode/frame_sequence.hpp"
#include "data/masks/mask_track.hpp"
#include "format/scene.hpp"

namespace retime {

/// What is said about the camera of a clip.
struct CameraRequest {
  std::string mode = "auto";           ///< static, auto (find out whether it moves) or estimate
  std::filesystem::path homographies;  ///< of the whole clip; empty = not given
  int first_frame = 0;                 ///< of the clip that is taken
  bool show_progress = false;
};

/// The camera's path in pixels of `training_size`, bounds up to date; without homographies when it stands still. Given
/// homographies are read and improved, else the motion is estimated where the request says so. Throws Error.
CameraPath choose_camera(const FrameSequence& source, const std::vector<MaskTrack>& tracks, Size training_size,
                         const CameraRequest& request);

/// Throws Error when the camera moves: objects are found by themselves only before a background that stands still.
void require_still_camera(const FrameSequence& source, const CameraRequest& request);

}  // namespace retime
