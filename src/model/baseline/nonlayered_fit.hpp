#pragma once

#include <functional>
#include <vector>

#include "dist/torch.hpp"
#include "format/homography.hpp"
#include "format/image.hpp"
#include "format/scene.hpp"
#include "model/config/fit_config.hpp"
#include "model/config/fit_options.hpp"
#include "model/layers/layered_model.hpp"
#include "model/net/textures.hpp"
#include "model/net/unet.hpp"
#include "model/scene/batch.hpp"
#include "model/scene/scene_data.hpp"

namespace retime {

/// Objects to be seen in one picture, K of them, back to front.
struct PlacedObjects {
  torch::Tensor object;   ///< [K] int64
  torch::Tensor iuv;      ///< [K, 3, H, W] in the picture: part index, U and V in [0, 1]
  torch::Tensor opacity;  ///< [K] in [0, 1]
};

/// Deferred neural rendering without layers, the baseline of [0087-0091]: all textures are laid over each other into
/// one picture of texture channels, which one pass of the renderer turns into RGB. What belongs to whom is never told
/// apart, so the only way to edit is to lay the textures differently.
class NonlayeredModelImpl : public torch::nn::Module {
 public:
  /// Of `options`, what concerns the textures and the renderer counts; there is no plate, matte or layer.
  NonlayeredModelImpl(const ModelOptions& options, const ModelScene& scene);

  /// The frames of a batch, [B, 3, H, W] in [-1, 1]. `bf16` runs the renderer's convolutions in bfloat16.
  torch::Tensor forward(const Batch& batch, bool bf16);
  /// The picture [1, 3, H, W] in [-1, 1] that the camera of `frame`, a batch of one frame, takes of other objects.
  torch::Tensor render(const Batch& frame, const PlacedObjects& objects);

  /// Takes a picture of the plane's bounds, [1, 3, h, w] in [-1, 1], as the first channels of the background's texture.
  void set_background_colors(const torch::Tensor& picture);
  ObjectTextures& textures() { return textures_; }

 private:
  torch::Tensor object_texels(const torch::Tensor& object, const torch::Tensor& iuv);
  torch::Tensor background_texels(const Batch& batch);
  torch::Tensor run_renderer(const torch::Tensor& texels, const torch::Tensor& row_weight, bool bf16);

  ModelOptions options_;
  torch::Tensor unit_from_plane_, pixels_from_unit_;  ///< [3, 3] double, used with a moving camera
  ObjectTextures textures_{nullptr};
  BackgroundTexture background_texture_{nullptr};
  UNet renderer_{nullptr};
};
TORCH_MODULE(NonlayeredModel);

/// A map [1, C, H, W] as a frame sees it whose pixels lie at `source_from_frame` in the map: values of the nearest
/// pixel, 0 beyond the map.
torch::Tensor moved_map(const torch::Tensor& map, const Homography& source_from_frame);

/// How much of each slot of a batch is not behind the body of another, [S, 1, H, W] in [0, 1].
torch::Tensor visible_share(const Batch& batch);

/// An object as it is at a frame of the clip.
struct ObjectInstance {
  int object = 0;
  int frame = 0;
  double opacity = 1;
};

/// How far a fit is: epochs done, seconds since it began and the mean absolute error of the last epoch.
struct FitProgress {
  int epochs = 0;
  double seconds = 0;
  double error = 0;  ///< colours in [-1, 1]
};

using FitWatch = std::function<void(const FitProgress&)>;

/// The non-layered model of one scene, fitted in one process with the sampler, augmentation and optimiser that the
/// layered model is fitted with, by L1 against the frames alone. Nothing is saved.
class NonlayeredFit {
 public:
  /// `config` says how the textures, the renderer and the fit are. The scene must outlive it.
  NonlayeredFit(const SceneReader& scene, const FitConfig& config);

  /// Fits for all epochs, or until `max_seconds` have passed (0: no limit); the learning rate then falls with the time.
  /// `watch` is called after each epoch and may throw. Throws Error when the fit diverges.
  FitProgress run(double max_seconds, const FitWatch& watch = {}, bool shows_progress = false);

  /// Frame `frame`'s camera looking at the background and `instances`, back to front: RGB at full size, doubled
  /// bilinearly. With a moving camera the maps of other frames are brought to this one's view.
  Image render(int frame, const std::vector<ObjectInstance>& instances);

  NonlayeredModel model() const { return model_; }

 private:
  void observe_textures();

  const SceneReader& scene_;
  FitConfig config_;
  torch::Device device_;
  SceneData data_;
  CameraPath camera_;  ///< without homographies if the camera stands still
  NonlayeredModel model_{nullptr};
};

/// An instance's map [1, 3, H, W] in [0, 255] as frame `frame`'s camera sees it. A `camera` without homographies stands
/// still.
torch::Tensor map_in_view(const SceneData& data, const CameraPath& camera, const ObjectInstance& instance, int frame);

}  // namespace retime
