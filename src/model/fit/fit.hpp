#pragma once

#include <filesystem>

#include "format/scene.hpp"
#include "model/config/fit_config.hpp"
#include "model/fit/fit_loop.hpp"
#include "model/fit/fit_session.hpp"
#include "model/fit/fit_task.hpp"
#include "model/fit/layer_task.hpp"
#include "model/fit/upsample_task.hpp"

namespace retime {

/// The fit of a scene's layers in a folder. Scene and session must outlive it.
class LayerFit {
 public:
  /// Loads this rank's frames, makes the model and goes on from a checkpoint, as `config.train.resume` says. What an
  /// earlier fit has left stays as it is until this one is known to be able to go on. This call is MPI collective.
  LayerFit(const SceneReader& scene, const FitConfig& config, FitSession& session);

  /// Fits up to the configured number of epochs. Throws as `FitLoop::run`. This call is MPI collective.
  void run() { loop_.run(); }

  LayeredModel model() const { return task_.model(); }
  const SceneData& data() const { return task_.data(); }
  /// Bytes of this rank's share of the scene, on the device.
  std::int64_t resident_bytes() const;
  /// After `run`: the checkpoint that holds the finished layers.
  std::filesystem::path checkpoint() const;

 private:
  void describe() const;

  const SceneReader& scene_;
  FitSession& session_;
  LayerTask task_;
  FitLoop loop_;
  const std::filesystem::path resumed_;  ///< empty: the fit began anew
  std::int64_t first_step_ = 0;
};

/// The training of the upsampling network that belongs to a checkpoint with finished layers, in the folder of their
/// fit. Goes on where that checkpoint holds a training begun. Scene and session must outlive it.
class UpsampleFit {
 public:
  /// This call is MPI collective.
  UpsampleFit(const SceneReader& scene, const FitConfig& config, const std::filesystem::path& checkpoint,
              FitSession& session);

  /// Trains up to the configured number of epochs. Throws as `FitLoop::run`. This call is MPI collective.
  void run() { loop_.run(); }

  std::int64_t resident_bytes() const { return task_.resident_bytes(); }

 private:
  UpsampleFit(const SceneReader& scene, const FitConfig& config, const std::filesystem::path& file,
              const Checkpoint& checkpoint, FitSession& session);

  UpsampleTask task_;
  FitLoop loop_;
};

/// Fits everything that a configuration asks for to a scene: the layers, then the upsampling network. Resumes either,
/// holds the folder all the time, and notes there when all is fitted. Throws Stopped after a checkpoint when a signal
/// or the time budget asks for it. This call is MPI collective.
void fit_scene(const SceneReader& scene, const FitConfig& config, const std::filesystem::path& run,
               const Communicator& communicator, TrainHooks hooks);

}  // namespace retime
