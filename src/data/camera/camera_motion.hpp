#pragma once

#include <filesystem>
#include <vector>

#include "core/options.hpp"
#include "data/decode/frame_source.hpp"
#include "data/masks/mask_track.hpp"
#include "format/scene.hpp"

namespace retime {

/// Whether the clip's background moves between frames, as features outside the masks tell. False when they tell
/// nothing.
bool camera_moves(const FrameSequence& source, const std::vector<MaskTrack>& tracks, bool show_progress = false);

/// Finds the motion of a camera that pans or shakes, from ORB features and corners outside the masks: each frame to a
/// key frame that it overlaps, key frames chained into the plane of frame 0 (US patent application [0075]), then all
/// frames to the panorama. Homographies in pixels of `training_size`, bounds up to date. Throws Error naming the frame
/// at which the background is lost.
CameraPath estimate_camera(const FrameSequence& source, const std::vector<MaskTrack>& tracks, Size training_size,
                           int refinements = 2, bool show_progress = false);

/// Improves `camera` by aligning each frame to the panorama of all, where that brings them closer. Bounds must be up to
/// date and are kept so.
void refine_camera(const FrameSequence& source, const std::vector<MaskTrack>& tracks, Size training_size, int rounds,
                   CameraPath& camera, bool show_progress = false);

/// Whether the camera of a clip moves: to be found out, no, or yes.
enum class CameraMode { kAuto, kStatic, kEstimate };
inline const Choices<CameraMode> kCameraModes{
    {"auto", CameraMode::kAuto}, {"static", CameraMode::kStatic}, {"estimate", CameraMode::kEstimate}};

/// What is said about the camera of a clip.
struct CameraRequest {
  CameraMode mode = CameraMode::kAuto;
  std::filesystem::path homographies;  ///< of the whole clip; empty = not given
  int first_frame = 0;                 ///< of the clip that is taken
  bool show_progress = false;
  int refinements = 2;  ///< rounds of `refine_camera`, at most
};

/// The camera's path in pixels of `training_size`, bounds up to date; without homographies when it stands still. Given
/// homographies are read and improved, else the motion is estimated where the request says so. Throws Error.
CameraPath choose_camera(const FrameSequence& source, const std::vector<MaskTrack>& tracks, Size training_size,
                         const CameraRequest& request);

/// Whether the camera stands still, as the request says or, where it does not, as the frames tell.
bool is_still_camera(const FrameSequence& source, const CameraRequest& request);

}  // namespace retime
