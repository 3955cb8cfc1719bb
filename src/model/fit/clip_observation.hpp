#pragma once

#include "dist/collectives.hpp"
#include "model/layers/layered_model.hpp"
#include "model/scene/scene_data.hpp"

namespace retime {

/// Gives a new model's textures the colours of what is surely the object's own body, over the whole clip. `data` is
/// this rank's share. This call is MPI collective.
void observe_textures(LayeredModelImpl& model, const SceneData& data, const Collectives& collectives);

/// Tells a new model where each object's effects lie, from frames of the whole clip. This call is MPI collective.
void observe_effects(LayeredModelImpl& model, const SceneData& data, const Collectives& collectives);

}  // namespace retime
