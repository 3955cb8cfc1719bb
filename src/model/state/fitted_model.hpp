#pragma once

#include "format/checkpoint.hpp"
#include "format/scene.hpp"
#include "model/layers/layered_model.hpp"
#include "model/net/upsampler.hpp"

namespace retime {

/// The model of a checkpoint as it renders: in evaluation mode, its batch norms with statistics of the finished
/// weights, taken over frames of the whole clip. Throws Error when the checkpoint does not fit the scene.
LayeredModel load_fitted_model(const SceneReader& scene, const Checkpoint& checkpoint, torch::Device device);

/// The upsampling network of a checkpoint, in evaluation mode; empty when it holds none.
Upsampler load_upsampler(const Checkpoint& checkpoint, torch::Device device);

}  // namespace retime
