#pragma once

#include <filesystem>

#include "format/checkpoint.hpp"
#include "format/scene.hpp"
#include "model/config/fit_config.hpp"

namespace retime {

/// Throws Error, which names the differences, unless a fit of `scene` with `config` can go on from a checkpoint: same
/// model options, same scene.
void require_same_model(const std::filesystem::path& file, const Checkpoint& checkpoint, const FitConfig& config,
                        const SceneReader& scene);

/// The same for the upsampling network of a checkpoint that was written with the options `before`.
void require_same_upsampler(const FitConfig& before, const FitConfig& now);

}  // namespace retime
