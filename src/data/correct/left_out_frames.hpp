#pragma once

#include <vector>

#include "data/masks/mask_track.hpp"
#include "format/image.hpp"

namespace retime {

/// Masks of an object in frames that are left out, from those around them: where it is before and after, it is on the
/// straight way in between, with the shape that is nearer in time. Where it is on one side only, it is not there.
/// `origin` becomes -1 there.
void fill_left_out(const std::vector<bool>& left_out, Size size, std::vector<BoxMask>& masks, std::vector<int>& origin);

}  // namespace retime
