#pragma once

#include <filesystem>

#include "ranks/communicator.hpp"
#include "stages/run_settings.hpp"

namespace retime {

/// Writes the videos of a run into its folder: reconstruction, background, only_NAME, with an edit retimed; and
/// overview.png and summary.json. Ranks share the frames. This call is MPI collective.
void write_run_videos(const RunSettings& settings, const std::filesystem::path& scene_file,
                      const std::filesystem::path& layers, const Communicator& communicator);

}  // namespace retime
