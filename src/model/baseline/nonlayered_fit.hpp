#pragma once

#include <functional>
#include <vector>

#include "dist/torch.hpp"
#include "format/image.hpp"
#include "format/scene.hpp"
#include "model/baseline/nonlayered_model.hpp"
#include "model/config/fit_config.hpp"
#include "model/scene/scene_data.hpp"

namespace retime {

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
