#pragma once

#include "format/image.hpp"

namespace retime {

/// Paints the map of a body (part, U * 255, V * 255) over an RGB picture of the same size, as opaque as `opacity` says:
/// each part in a hue of its own, which U turns and V brightens.
void paint_body_map(const Image& iuv, Image& picture, double opacity = 0.8);

}  // namespace retime
