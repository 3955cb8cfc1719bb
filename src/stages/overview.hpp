#pragma once

#include <vector>

#include "format/image.hpp"
#include "format/scene.hpp"
#include "post/compose/layer_source.hpp"

namespace retime {

/// Frames that a contact sheet of `frame_count` frames shows, evenly spread.
std::vector<int> overview_frames(int frame_count, int columns = 7);

/// A contact sheet: input, object maps, each layer over a checkerboard, its alpha, the recomposition and the retimed
/// video (either may be empty), one column for each of `frames`.
Image overview_picture(const SceneReader& scene, LayersFileSource& layers, const std::vector<int>& frames,
                       const std::vector<Image>& recomposed, const std::vector<Image>& retimed);

}  // namespace retime
