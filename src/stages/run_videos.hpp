#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/options.hpp"
#include "data/prepare/prepare.hpp"
#include "format/image.hpp"
#include "format/scene.hpp"
#include "model/config/fit_config.hpp"
#include "post/compose/layer_source.hpp"
#include "ranks/communicator.hpp"
#include "stages/compose_stage.hpp"

namespace retime {

/// What `retime run` is asked for, from the clip to the videos.
struct RunSettings {
  PrepareOptions prepare;
  FitConfig fit;
  ComposeSettings compose;
  std::string output;  ///< folder for everything that is made
  std::string edit;    ///< edit file of the retimed video; may be empty

  void add_to(OptionTable& table);
  /// Throws UsageError.
  void validate() const;
};

/// Writes the videos of a run into its folder: reconstruction, background, only_NAME, with an edit retimed; and
/// overview.png and summary.json. Ranks share the frames. This call is MPI collective.
void write_run_videos(const RunSettings& settings, const std::filesystem::path& scene_file,
                      const std::filesystem::path& layers, const Communicator& communicator);

/// Frames that a contact sheet of `frame_count` frames shows, evenly spread.
std::vector<int> overview_frames(int frame_count, int columns = 7);

/// A contact sheet: input, object maps, each layer over a checkerboard, its alpha, the recomposition and the retimed
/// video (either may be empty), one column for each of `frames`.
Image overview_picture(const SceneReader& scene, LayersFileSource& layers, const std::vector<int>& frames,
                       const std::vector<Image>& recomposed, const std::vector<Image>& retimed);

}  // namespace retime
