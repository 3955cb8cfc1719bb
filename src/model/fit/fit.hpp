#pragma once

#include <filesystem>

#include "format/scene.hpp"
#include "model/fit/trainer.hpp"
#include "ranks/communicator.hpp"

namespace retime {

/// Fits everything that a configuration asks for to a scene: the layers, then the upsampling network. Resumes either.
/// Throws Stopped after a checkpoint when a signal or the time budget asks for it. This call is MPI collective.
void fit_scene(const SceneReader& scene, const FitConfig& config, const std::filesystem::path& run,
               const Communicator& communicator, TrainHooks hooks);

}  // namespace retime
