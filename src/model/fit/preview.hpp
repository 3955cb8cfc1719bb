#pragma once

#include "format/image.hpp"
#include "model/layers/layered_model.hpp"
#include "model/scene/scene_data.hpp"

namespace retime {

/// A row of pictures of one frame of `data`, the one that shows most objects: the frame, its recomposition, the
/// background, and the object layers over gray, back to front. RGB, [H, W * (3 + N), 3].
Image preview_picture(LayeredModel model, const SceneData& data);

}  // namespace retime
