#pragma once

#include <memory>

#include "dist/torch.hpp"
#include "format/scene.hpp"
#include "model/config/fit_options.hpp"
#include "model/layers/attribution.hpp"
#include "model/net/textures.hpp"
#include "model/net/unet.hpp"
#include "model/scene/batch.hpp"
#include "model/scene/tiles.hpp"

namespace retime {

/// What the scene fixes about a model.
struct ModelScene {
  int objects = 0;
  int parts = 1;                   ///< largest body-part index in the object maps
  std::array<double, 4> bounds{};  ///< of the common plane, in pixels; used with a moving camera
  Size size;                       ///< training size
  int plate_scale = 2;             ///< plate pixels along a side of a training pixel
  torch::Tensor plate;             ///< [1, 3, h, w] in [-1, 1] over `bounds`, for background = plate
};

/// What the scene fixes about a model that is fitted to it.
ModelScene model_scene(const SceneReader& scene, const ModelOptions& options);

/// Layers of a batch at training size.
struct LayerOutput {
  torch::Tensor background;        ///< [B, 3, H, W] in [-1, 1]
  torch::Tensor slots;             ///< [S, 4, H, W]: straight colour in [-1, 1], alpha in [0, 1]
  torch::Tensor logits;            ///< [S, 4 or 5, H, W]: the renderer's output before matte and tanh
  torch::Tensor features;          ///< [S (+ B), width, H, W]: what the logits are made from; layer 0 last, if neural
  torch::Tensor painted;           ///< [S, 4, H, W]: what the renderer alone makes of the layers, like `slots`
  CompletionInput completion;      ///< what the renderer was told, with layer_output completion
  torch::Tensor variation;         ///< [B, 3, h, w]: the background's change over time, or undefined
  torch::Tensor background_alpha;  ///< [B, H, W], only with a neural background
};

/// Textures, renderer and background of one video: everything that is fitted.
class LayeredModelImpl : public torch::nn::Module {
 public:
  LayeredModelImpl(const ModelOptions& options, const ModelScene& scene, std::shared_ptr<Collectives> collectives);

  /// Renders all layers of a batch in one pass of the renderer. `bf16` runs its convolutions in bfloat16.
  LayerOutput forward(const Batch& batch, bool bf16);

  /// The background of a batch's frames at `size`, [B, 3, H', W'] in [-1, 1]. Needs a plate.
  torch::Tensor plate_background(const Batch& batch, Size size) const;
  /// The neural background's texture in the batch's frames, enlarged to `size`: the pixels of `window`,
  /// [B, channels, h, w]. Needs a neural background.
  torch::Tensor background_texture(const Batch& batch, Size size, const Window& window);

  /// Takes over colours seen in the frames as the first channels of the textures, see `observed_colors`.
  void set_texture_colors(const torch::Tensor& colors) { textures_->set_colors(colors); }
  const ObjectTextures& textures() const { return textures_; }
  /// Undefined without layer_output completion.
  EffectPrior& effects() { return effects_; }
  const ModelOptions& options() const { return options_; }
  bool has_plate() const { return plate_.defined(); }
  /// Whether the layers are made from the difference mattes (layer_output correction or completion).
  bool uses_mattes() const { return options_.layer_output != LayerOutputKind::kDirect; }
  bool corrects() const { return options_.layer_output == LayerOutputKind::kCorrection; }
  bool completes() const { return options_.layer_output == LayerOutputKind::kCompletion; }

 private:
  UNetOutput run_renderer(const torch::Tensor& input, const torch::Tensor& row_weight, bool bf16);
  torch::Tensor texture_background(const Batch& batch);
  torch::Tensor plane_grid(const torch::Tensor& frame_grid, const torch::Tensor& plane_from_frame) const;
  torch::Tensor variation(const Batch& batch) const;
  torch::Tensor slot_input(const Batch& batch, const torch::Tensor& background, const CompletionInput& completion);
  torch::Tensor over_seen_colors(const torch::Tensor& logits, const Batch& batch) const;

  ModelOptions options_;
  ModelScene scene_;
  ObjectTextures textures_{nullptr};
  BackgroundTexture background_texture_{nullptr};
  EffectPrior effects_{nullptr};
  UNet renderer_{nullptr};
  torch::Tensor plate_;
  torch::Tensor modes_;  ///< [1, K, 3, h, w]: pictures that the background's change over time is made of
};
TORCH_MODULE(LayeredModel);

/// A picture as frames of a batch show it: gain * picture + offset, the offset spread over the picture. `picture` is
/// [1 or B, 3, H, W] in [-1, 1]. Returns [B, 3, H, W].
torch::Tensor lit_plate(const torch::Tensor& picture, const Batch& batch);

/// Turns the renderer's output into a layer: tanh, alpha mapped to [0, 1]. With a matte ([S, 4, H, W], premultiplied in
/// [0, 1]) the output is a correction to the matte in the space before the tanh, so that zero gives the matte itself.
torch::Tensor activate_layers(const torch::Tensor& logits, const torch::Tensor& matte);

}  // namespace retime
