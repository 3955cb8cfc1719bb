#pragma once

#include <vector>

#include "data/decode/frame_source.hpp"
#include "data/follow/sighting.hpp"
#include "data/masks/mask_track.hpp"

namespace retime {

/// The masks of what is visible of each person in each frame; no two share a pixel.
std::vector<std::vector<BoxMask>> visible_masks(const FrameSequence& frames, const std::vector<Tracklet>& people,
                                                bool show_progress = false);

}  // namespace retime
