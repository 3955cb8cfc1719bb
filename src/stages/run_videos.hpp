#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "format/image.hpp"
#include "format/scene.hpp"
#include "post/compose/layer_source.hpp"
#include "ranks/communicator.hpp"
#include "stages/run_settings.hpp"

namespace retime {

/// Writes the videos of a run into its folder: reconstruction, background, only_NAME, with an edit retimed; and
/// overview.png and summary.json. Ranks share the frames. This call is MPI collective.
void write_run_videos(const RunSettings& settings, const std::filesystem::path& scene_file,
                      const std::filesystem::path& layers, const Communicator& communicator);

/// A contact sheet: input, object maps, each layer over a checkerboard, its alpha, the recomposition and the retimed
/// video (either may be empty), one column for each of `frames`.
Image overview_picture(const SceneReader& scene, LayersFileSource& layers, const std::vector<int>& frames,
                       const std::vector<Image>& recomposed, const std::vector<Image>& retimed);

}  // namespace retime
