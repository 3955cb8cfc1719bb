#pragma once

#include <torch/torch.h>

#include <memory>

#include "model/batch.hpp"
#include "model/model_options.hpp"
#include "model/textures.hpp"
#include "model/unet.hpp"

namespace retime {

/// What the scene fixes about a model.
struct ModelScene {
  int objects = 0;
  int parts = 1;                   ///< largest body-part index in the object maps
  std::array<double, 4> bounds{};  ///< of the common plane, in pixels; used with a moving camera
  torch::Tensor plate;             ///< [1, 3, 2H, 2W] in [-1, 1], for background = plate
};

/// Layers of a batch at training size.
struct LayerOutput {
  torch::Tensor background;        ///< [B, 3, H, W] in [-1, 1]
  torch::Tensor slots;             ///< [S, 4, H, W]: straight colour in [-1, 1], alpha in [0, 1]
  torch::Tensor logits;            ///< [S, 4, H, W]: the renderer's output before matte and tanh
  torch::Tensor background_alpha;  ///< [B, H, W], only with a neural background
};

/// Textures, renderer and background of one video: everything that is fitted.
class LayeredModelImpl : public torch::nn::Module {
 public:
  LayeredModelImpl(const ModelOptions& options, const ModelScene& scene, std::shared_ptr<Collectives> collectives);

  /// Renders all layers of a batch in one pass of the renderer. `bf16` runs its convolutions in bfloat16.
  LayerOutput forward(const Batch& batch, bool bf16);

  /// The plate as it stands, [1, 3, 2H, 2W] in [-1, 1]; undefined with a neural background.
  const torch::Tensor& plate() const { return plate_; }
  const ModelOptions& options() const { return options_; }
  bool has_plate() const { return plate_.defined(); }

 private:
  torch::Tensor run_renderer(const torch::Tensor& input, const torch::Tensor& row_weight, bool bf16);
  torch::Tensor plate_background(const Batch& batch) const;
  torch::Tensor texture_background(const Batch& batch);
  torch::Tensor plane_grid(const Batch& batch) const;
  torch::Tensor slot_input(const Batch& batch, const torch::Tensor& background);

  ModelOptions options_;
  ModelScene scene_;
  ObjectTextures textures_{nullptr};
  BackgroundTexture background_texture_{nullptr};
  UNet renderer_{nullptr};
  torch::Tensor plate_;
};
TORCH_MODULE(LayeredModel);

/// A plate as frames of a batch show it: gain * plate + offset, the offset spread over the picture. `plate` is
/// [1, 3, H, W] in [-1, 1]. Returns [B, 3, H, W].
torch::Tensor lit_plate(const torch::Tensor& plate, const Batch& batch);

/// Turns the renderer's output into a layer: tanh, alpha mapped to [0, 1]. With a matte ([S, 4, H, W], premultiplied in
/// [0, 1]) the output is a correction to the matte in the space before the tanh, so that zero gives the matte itself.
torch::Tensor activate_layers(const torch::Tensor& logits, const torch::Tensor& matte);

}  // namespace retime
