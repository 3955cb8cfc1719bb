#pragma once

#include <vector>

#include "data/decode/frame_sequence.hpp"
#include "data/masks/mask_track.hpp"
#include "format/scene.hpp"

namespace retime {

/// Whether the clip's background moves between frames, as features outside the masks tell. False when they tell
/// nothing.
bool camera_moves(const FrameSequence& source, const std::vector<MaskTrack>& tracks);

/// Finds the motion of a camera that pans or shakes, from ORB features and corners outside the masks: each frame to a
/// key frame that it overlaps, key frames chained into the plane of frame 0 (US patent application [0075]), then all
/// frames to the panorama. Homographies in pixels of `training_size`, bounds up to date. Throws Error naming the frame
/// at which the background is lost.
CameraPath estimate_camera(const FrameSequence& source, const std::vector<MaskTrack>& tracks, Size training_size,
                           bool show_progress = false);

/// Improves `camera` by aligning each frame to the panorama of all, where that brings them closer. Bounds must be up to
/// date and are kept so.
void refine_camera(const FrameSequence& source, const std::vector<MaskTrack>& tracks, Size training_size, int rounds,
                   CameraPath& camera);

}  // namespace retime
