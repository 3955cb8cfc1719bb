#pragma once

#include <filesystem>
#include <string>

#include "synth/set/stage.hpp"

namespace retime {

/// Draws a clip of moving people with its truth and the videos of its edits into `folder`, which appears when all is
/// done. Returns what the scene shows, in words.
std::string synth_stage(const std::filesystem::path& folder, const synth::SynthOptions& options);

}  // namespace retime
