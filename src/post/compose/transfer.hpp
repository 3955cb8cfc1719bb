#pragma once

#include "format/homography.hpp"
#include "format/image.hpp"
#include "format/scene.hpp"

namespace retime {

/// A layer [H, W, 4], straight alpha, as another camera sees it: pixel p of the result, as large as `rgba`, shows
/// `source_from_output`(p). Bicubic (Catmull-Rom) on premultiplied values, held within the range of the four nearest
/// pixels so that edges do not ring. Transparent where the layer's picture ends.
Image warp_layer(const Image& rgba, const Homography& source_from_output, int threads = 2);

/// Changes a layer [H, W, 4], straight alpha, from the light of frame `from` to that of frame `to`: a colour becomes
/// (c - offset_from) / gain_from * gain_to + offset_to, held within 0..255; pixels with alpha 0 stay. Offsets are taken
/// where the pixel is in the output and, for `from`, where it was in its own frame: `source_from_output`.
void relight_layer(Image& rgba, const SceneLighting& lighting, int from, int to, const Homography& source_from_output,
                   int threads = 2);

}  // namespace retime
