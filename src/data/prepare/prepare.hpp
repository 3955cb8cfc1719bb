#pragma once

#include <filesystem>

#include "data/prepare/prepare_options.hpp"

namespace retime {

/// Decodes a clip or a folder of frames, finds or reads the objects, and writes everything that a fit needs to
/// `scene_file`: frames at two sizes, object maps, depth order, the plate, its lighting and difference mattes, and the
/// path of a camera that moves. Memory does not grow with the number of frames (masks are kept as crops).
/// Throws Error; nothing is left behind then.
void prepare_scene(const std::filesystem::path& clip, const std::filesystem::path& scene_file,
                   const PrepareOptions& options);

}  // namespace retime
