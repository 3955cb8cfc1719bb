#pragma once

#include <functional>

#include "format/checkpoint.hpp"
#include "format/scene.hpp"
#include "model/layers/layered_model.hpp"
#include "model/net/upsampler.hpp"

namespace retime {

/// The model of a checkpoint as it renders: in evaluation mode, its batch norms with statistics of the finished
/// weights, taken over frames of the whole clip. Throws Error when the checkpoint does not fit the scene.
LayeredModel load_fitted_model(const SceneReader& scene, const Checkpoint& checkpoint, torch::Device device);

/// Gives the batch norms of a module, made with `options`, the statistics of its weights as they are: averages over up
/// to 64 frames of a clip of `frame_count`, of each of which `forward` makes a forward pass. Leaves the module in
/// evaluation mode.
void estimate_statistics(torch::nn::Module& module, const ModelOptions& options, int frame_count,
                         const std::function<void(int frame)>& forward);

/// The upsampling network of a checkpoint, in evaluation mode; empty when it holds none.
Upsampler load_upsampler(const Checkpoint& checkpoint, torch::Device device);

}  // namespace retime
