#pragma once

#include <opencv2/core.hpp>

#include "data/correct/corrections.hpp"
#include "data/masks/mask_track.hpp"

namespace retime {

/// The pixels that a repair is about, of a frame of `size`: those in the polygon, its border included, or where the
/// picture is white. Throws Error for a picture that cannot be read.
BoxMask repaired_area(const RepairMask& repair, Size size);

/// `a` without the pixels of `b`.
BoxMask mask_without(const BoxMask& a, const BoxMask& b);

}  // namespace retime
