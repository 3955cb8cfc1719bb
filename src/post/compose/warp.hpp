#pragma once

#include "format/homography.hpp"
#include "format/image.hpp"

namespace retime {

/// A layer [H, W, 4], straight alpha, as another camera sees it: pixel p of the result, as large as `rgba`, shows
/// `source_from_output`(p). Bicubic (Catmull-Rom) on premultiplied values, held within the range of the four nearest
/// pixels so that edges do not ring. Transparent where the layer's picture ends.
Image warp_layer(const Image& rgba, const Homography& source_from_output, int threads = 2);

}  // namespace retime
