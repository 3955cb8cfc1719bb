#pragma once

#include <vector>

#include "data/masks/mask_track.hpp"
#include "format/scene.hpp"

namespace retime {

/// Row where each object meets the ground: the lower border of its mask (frames of `full_size`), with a moving camera
/// mapped to the plane. [T, N] in pixels of the training size, NaN where the object has no mask.
std::vector<float> ground_contact(const std::vector<MaskTrack>& tracks, const CameraPath& camera, Size full_size,
                                  Size training_size);

}  // namespace retime
