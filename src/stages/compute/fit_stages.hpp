#pragma once

#include <filesystem>

#include "model/config/fit_config.hpp"
#include "model/render/layer_renderer.hpp"
#include "ranks/communicator.hpp"

namespace retime {

/// Whether this machine has a GPU that LibTorch can use.
bool has_gpu();

/// How many there are.
int gpu_count();

/// Fits a model to a scene; shared by `train` and `run`. This call is MPI collective.
void train_stage(const std::filesystem::path& scene, const std::filesystem::path& run, const FitConfig& config,
                 const Communicator& communicator);

/// Renders a run to layers; shared by `render` and `run`. This call is MPI collective.
void render_stage(const std::filesystem::path& run, const std::filesystem::path& layers, const RenderOptions& options,
                  const Communicator& communicator);

}  // namespace retime
