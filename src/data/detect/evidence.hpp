#pragma once

#include <string>

#include "data/detect/empty_scene.hpp"
#include "data/masks/mask_track.hpp"

namespace retime {

/// What speaks for a track being a thing that moves by itself before a moving camera, and no wave, no leaf and nothing
/// near whose place in the picture changes with the camera's.
struct Evidence {
  int frames = 0;       ///< in which it lies wholly where the scene is known
  double travel = 0;    ///< farthest distance between two of its places in the scene, in square roots of its area
  double likeness = 0;  ///< mean share of their union that masks of frames one after the other have in common
  double solidity = 0;  ///< mean share of its convex hull that it fills
  double outline = 0;   ///< whose edge its outline is, mean: 1 the frames', -1 the empty scene's
};

Evidence evidence_of(const SparseMasks& track, const FrameSequence& source, const EmptyScene& scene);

/// Whether that is enough. `seconds`: of a frame, inverse of the clip's rate.
bool is_enough(const Evidence& evidence, double rate);

/// "12 frames, travel 3.1, ..." for the log.
std::string text_of(const Evidence& evidence);

}  // namespace retime
