#pragma once

#include <vector>

#include "data/camera/camera_motion.hpp"
#include "data/decode/frame_source.hpp"
#include "data/keypoints/pose_tracks.hpp"
#include "data/masks/mask_track.hpp"
#include "data/prepare/prepare_options.hpp"

namespace retime {

struct FoundObjects {
  std::vector<MaskTrack> tracks;
  std::vector<KeypointTrack> people;  ///< joints of the people whom networks found, in pixels of the frames
};

/// The objects of a clip that brings no masks, "object_1", ... in order of appearance: people whom networks find, or
/// what moves, or both, as `choice` says. Throws Error when nothing is found and something must, or what is asked for
/// is not possible.
FoundObjects found_objects(const FrameSequence& frames, const ObjectChoice& choice, const CameraRequest& camera);

/// People with the moving things of the same clip that are no people. Who is found both ways, and alone in what moves,
/// keeps the outline of what moves, which is compared with the empty scene and is the sharper one.
std::vector<MaskTrack> united_objects(const std::vector<MaskTrack>& people, const std::vector<MaskTrack>& moving);

/// The same before a camera that moves, where outlines of what moves are the coarser ones: people as they are, and what
/// neither overlaps a person nor goes along beside one.
std::vector<MaskTrack> people_and_others(const std::vector<MaskTrack>& people, const std::vector<MaskTrack>& moving);

}  // namespace retime
