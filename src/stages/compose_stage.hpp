#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "core/options.hpp"
#include "post/compose/compose.hpp"
#include "post/compose/layer_source.hpp"
#include "post/edit/edit.hpp"
#include "post/video/video_writer.hpp"
#include "ranks/communicator.hpp"

namespace retime {

/// How frames are composed and encoded.
struct ComposeSettings {
  VideoWriterOptions video;  ///< with the sound of the clip
  ComposeOptions compose;

  void add_to(OptionTable& table);
  void validate() const;
};

/// Composes layers into a video or a folder of PNG frames, the ranks sharing the frames. `edit_file` may be empty. With
/// a scene file, reports how far the output is from the scene's frames. This call is MPI collective.
void compose_stage(const std::filesystem::path& layers, const std::string& edit_file,
                   const std::filesystem::path& output, const ComposeSettings& settings, const std::string& scene,
                   const Communicator& communicator);

/// The same for layers that are open and an edit in memory; on rank 0 `watch` sees every frame of a video. Returns the
/// difference from the scene's frames, if there is a scene. This call is MPI collective.
std::optional<ComposeDifference> compose_video(LayersFileSource& source, const Edit& edit,
                                               const std::filesystem::path& output, const ComposeSettings& settings,
                                               const std::string& scene, const Communicator& communicator,
                                               const std::function<void(int frame, const Image& rgb)>& watch = {});

/// Writes every layer of a layers file as PNG pictures with straight alpha, FOLDER/layer_00/000000.png, ..., and
/// what they miss of the frames, where it lies beside them, as FOLDER/residual/000000.png, ... around 128; ranks share
/// the frames. This call is MPI collective.
void export_stage(const std::filesystem::path& layers, const std::filesystem::path& folder,
                  const Communicator& communicator);

}  // namespace retime
