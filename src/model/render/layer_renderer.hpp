#pragma once

#include <filesystem>

#include "format/layers.hpp"
#include "model/config/render_options.hpp"
#include "model/state/run_folder.hpp"
#include "ranks/communicator.hpp"

namespace retime {

/// What a rendering did.
struct RenderReport {
  int blocks_made = 0;
  int blocks_kept = 0;  ///< were there already, from an earlier rendering that was interrupted
};

/// Renders the newest checkpoint of a run to `layers_file` and its blocks, at the scene's full size. The renderer's
/// U-Net sees whole frames at training size, the upsampling network tiles of the full size. Blocks that are
/// there already are kept. This call is MPI collective; ranks share the blocks.
RenderReport render_layers(const RunFolder& run, const std::filesystem::path& layers_file, const RenderOptions& options,
                           const Communicator& communicator);

}  // namespace retime
