#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/folder_lock.hpp"
#include "core/progress.hpp"
#include "dist/collectives.hpp"
#include "dist/gradient_reducer.hpp"
#include "dist/stop_agreement.hpp"
#include "dist/torch.hpp"
#include "format/checkpoint_writer.hpp"
#include "format/image.hpp"
#include "format/scene.hpp"
#include "model/config/fit_config.hpp"
#include "model/fit/fused_adam.hpp"
#include "model/fit/step_guard.hpp"
#include "model/layers/layered_model.hpp"
#include "model/loss/losses.hpp"
#include "model/state/run_folder.hpp"
#include "ranks/communicator.hpp"

namespace retime {

/// What a program adds to a fit.
struct TrainHooks {
  std::function<void(const std::filesystem::path& stem, const Image& rgb)> write_preview;  ///< stem has no extension
  bool show_progress = true;
  StopSignal* stop = nullptr;  ///< who asks for a stop; null: a StopSignal of the trainer's own
};

/// Fits a model to a scene, over all ranks. Everything random is a function of the seed, the epoch and the frame, so
/// that a fit that is stopped and resumed ends bit for bit where an uninterrupted one does (same device and number of
/// ranks).
class Trainer {
 public:
  /// Reads this rank's share of the frames, makes the model and resumes if asked. This call is MPI collective.
  Trainer(const SceneReader& scene, const FitConfig& config, const std::filesystem::path& run,
          const Communicator& communicator, TrainHooks hooks);

  /// Fits up to the configured number of epochs. Throws Stopped after a checkpoint when a signal or the time budget
  /// asks for it. This call is MPI collective.
  void run();

  LayeredModel model() const { return model_; }
  const SceneData& data() const { return *data_; }
  std::int64_t step() const { return step_; }
  /// Bytes of this rank's share of the scene, on the device.
  std::int64_t resident_bytes() const;

 private:
  void describe() const;
  void open_run();
  void resume(const std::filesystem::path& file);
  void adopt_changes(const FitConfig& before);
  void take_over_folder();
  void observe_clip();
  void observe_textures();
  void observe_effects();
  std::vector<int> observed_frames(int stride) const;
  /// The share of the epoch under way that is done.
  double part_of_epoch() const;
  void train_epoch(Progress& progress);
  void train_step(const std::vector<int>& frames);
  void finish_epoch(double seconds);
  void save();
  void stop_if_asked();
  void write_preview();

  const SceneReader& scene_;
  FitConfig config_;
  RunFolder run_;
  std::unique_ptr<FolderLock> lock_;  ///< held by rank 0
  CheckpointWriter writer_;           ///< of rank 0
  Communicator communicator_;
  TrainHooks hooks_;
  torch::Device device_;
  ProcessGroupPtr gradient_group_, value_group_;
  std::shared_ptr<Collectives> collectives_;
  BatchSampler sampler_;
  std::unique_ptr<SceneData> data_;
  LayeredModel model_{nullptr};
  std::unique_ptr<GradientReducer> reducer_;
  std::unique_ptr<FusedAdam> optimizer_;
  LossSchedule schedule_;
  std::unique_ptr<StopSignal> own_stop_;
  StopSignal& stop_;
  StopAgreement agreement_;
  StepGuard guard_;

  std::int64_t step_ = 0, saved_step_ = -1;
  int epoch_ = 0, epoch_step_ = 0;
  torch::Tensor epoch_sums_;  ///< [6] this rank's loss parts, summed over the steps of the epoch, on the device
  double save_wait_s_ = 0;    ///< for which saves have held the fit up since the last line of metrics
  std::string epoch_note_;
};

/// Says when a global batch has fewer frames than there are ranks; `option` sets their number.
void warn_of_idle_ranks(const BatchSampler& sampler, int world_size, const std::string& option);

/// Adapts options that a scene cannot serve (no plate, no mattes) and says so.
FitConfig fitting_config(FitConfig config, const SceneInfo& info);

}  // namespace retime
