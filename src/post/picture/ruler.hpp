#pragma once

#include "format/image.hpp"

namespace retime {

/// Draws what tells frames and places into an RGB picture: the frame's number in the upper right corner, and along the
/// upper and left borders a mark every 50 pixels of the picture, with the number at every second.
void draw_ruler(Image& picture, int frame);

}  // namespace retime
