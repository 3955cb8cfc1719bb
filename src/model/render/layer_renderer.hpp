#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "dist/torch.hpp"
#include "format/checkpoint.hpp"
#include "format/layers.hpp"
#include "format/scene.hpp"
#include "model/config/render_options.hpp"
#include "model/layers/detail_transfer.hpp"
#include "model/layers/layer_upsampler.hpp"
#include "model/layers/layered_model.hpp"
#include "model/scene/full_maps.hpp"
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

/// Renders frames of one scene, which must outlive it, with one fitted model.
class FrameRenderer {
 public:
  FrameRenderer(const SceneReader& scene, const Checkpoint& checkpoint, const RenderOptions& options,
                torch::Device device);

  /// Writes a block of layers. `watch` gets the number of its frames that are done, after each.
  void render_block(const std::filesystem::path& file, const LayersInfo& info, int block,
                    const std::function<void(int)>& watch);

 private:
  void render_frame(const SceneData& data, int frame, LayersBlockWriter& writer);
  torch::Tensor cleaned(const torch::Tensor& alpha) const;
  /// Returns the layers as they were written, back to front.
  std::vector<Image> write_layers(const torch::Tensor& colors, const torch::Tensor& alphas, int frame,
                                  LayersBlockWriter& writer);
  void write_residual(const Image& image, const torch::Tensor& target, const DetailedLayers& layers,
                      const std::vector<Image>& pictures, int frame, LayersBlockWriter& writer);

  const SceneReader& scene_;
  LayeredModel model_;
  RenderOptions options_;
  torch::Device device_;
  FullMaps maps_;
  std::optional<LayerUpsampler> upsampler_;
};

}  // namespace retime
