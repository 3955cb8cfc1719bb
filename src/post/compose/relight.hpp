#pragma once

#include "format/homography.hpp"
#include "format/image.hpp"
#include "format/scene.hpp"

namespace retime {

/// Changes a layer [H, W, 4], straight alpha, from the light of frame `from` to that of frame `to`: a colour becomes
/// (c - offset_from) / gain_from * gain_to + offset_to, held within 0..255; pixels with alpha 0 stay. Offsets are taken
/// where the pixel is in the output and, for `from`, where it was in its own frame: `source_from_output`.
void relight_layer(Image& rgba, const SceneLighting& lighting, int from, int to, const Homography& source_from_output,
                   int threads = 2);

}  // namespace retime
