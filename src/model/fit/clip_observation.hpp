#pragma once

#include "dist/process_group.hpp"
#include "format/image.hpp"
#include "model/layers/layered_model.hpp"
#include "model/scene/scene_data.hpp"

namespace retime {

/// Gives a new model's textures the colours of what is surely the object's own body, over the whole clip. `data` is
/// this rank's share. This call is MPI collective.
void observe_textures(LayeredModelImpl& model, const SceneData& data, const Collectives& collectives);

/// Tells a new model where each object's effects lie, from frames of the whole clip. This call is MPI collective.
void observe_effects(LayeredModelImpl& model, const SceneData& data, const Collectives& collectives);

/// A row of pictures of one frame of `data`, the one that shows most objects: the frame, its recomposition, the
/// background, and the object layers over gray, back to front. RGB, [H, W * (3 + N), 3].
Image preview_picture(LayeredModel model, const SceneData& data);

}  // namespace retime
