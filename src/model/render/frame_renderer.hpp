#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "dist/torch.hpp"
#include "format/checkpoint.hpp"
#include "format/layers.hpp"
#include "format/scene.hpp"
#include "model/config/render_options.hpp"
#include "model/layers/layer_upsampler.hpp"
#include "model/layers/layered_model.hpp"
#include "model/scene/full_maps.hpp"

namespace retime {

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
  void write_layers(const torch::Tensor& colors, const torch::Tensor& alphas, int frame, LayersBlockWriter& writer);

  const SceneReader& scene_;
  LayeredModel model_;
  RenderOptions options_;
  torch::Device device_;
  FullMaps maps_;
  std::optional<LayerUpsampler> upsampler_;
};

}  // namespace retime
