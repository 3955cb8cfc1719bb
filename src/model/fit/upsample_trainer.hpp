#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/folder_lock.hpp"
#include "core/progress.hpp"
#include "dist/collectives.hpp"
#include "dist/gradient_reducer.hpp"
#include "dist/stop_agreement.hpp"
#include "dist/torch.hpp"
#include "format/checkpoint_writer.hpp"
#include "model/config/fit_config.hpp"
#include "model/fit/fused_adam.hpp"
#include "model/fit/step_guard.hpp"
#include "model/layers/frame_layers.hpp"
#include "model/net/upsampler.hpp"
#include "model/state/run_folder.hpp"
#include "ranks/communicator.hpp"

namespace retime {

/// Trains the upsampling network of a run whose layers are fitted ([0063], [0076]): everything else is frozen and as it
/// renders; L1 of the composite against the frame at full size, in random windows, without augmentation. Pixels whose
/// surroundings a window cuts off do not count, so that the network learns what it will render. Resumes from the run's
/// newest checkpoint and adds to it; a stopped and resumed training ends bit for bit where an uninterrupted one does.
class UpsampleTrainer {
 public:
  /// `checkpoint` is a complete fit of the layers, with or without a training begun. `stop` asks for a stop; null: a
  /// StopSignal of the trainer's own. This call is MPI collective.
  UpsampleTrainer(const SceneReader& scene, const FitConfig& config, const std::filesystem::path& run,
                  const std::filesystem::path& checkpoint, const Communicator& communicator, bool show_progress,
                  StopSignal* stop = nullptr);

  /// Trains up to the configured number of epochs. Throws Stopped after a checkpoint when a signal or the time budget
  /// asks for it. This call is MPI collective.
  void run();

  /// Bytes of this rank's share of the scene: at training size on the device, and at full size, as far as it was
  /// needed, in host memory.
  std::int64_t resident_bytes() const;

 private:
  void start(const Checkpoint& checkpoint);
  void resume(const Checkpoint& checkpoint);
  /// The share of the epoch under way that is done.
  double part_of_epoch() const;
  void train_epoch(Progress& progress);
  void train_step(const std::vector<int>& frames);
  torch::Tensor upsampled(std::vector<FrameLayers>& frames, const std::vector<Window>& windows);
  Window random_window(int frame) const;
  void finish_epoch(double seconds);
  void save();
  void stop_if_asked();

  const SceneReader& scene_;
  FitConfig config_;
  RunFolder run_;
  std::unique_ptr<FolderLock> lock_;  ///< held by rank 0
  CheckpointWriter writer_;           ///< of rank 0
  Communicator communicator_;
  bool show_progress_;
  torch::Device device_;
  ProcessGroupPtr gradient_group_, value_group_;
  std::shared_ptr<Collectives> collectives_;
  BatchSampler sampler_;
  CacheBudget budget_;  ///< of `data_`, and as much of the host for `maps_`
  std::unique_ptr<SceneData> data_;
  FullMaps maps_;
  LayeredModel model_{nullptr};
  Upsampler network_{nullptr};
  std::unique_ptr<GradientReducer> reducer_;
  std::unique_ptr<FusedAdam> optimizer_;
  std::unique_ptr<StopSignal> own_stop_;
  StopSignal& stop_;
  StopAgreement agreement_;
  StepGuard guard_;
  Checkpoint layers_;  ///< of the fit of the layers, without arrays
  std::shared_ptr<const std::vector<NamedArray>> layer_arrays_;

  std::int64_t step_ = 0, saved_step_ = -1;
  int epoch_ = 0, epoch_step_ = 0;
  torch::Tensor epoch_sum_;  ///< this rank's part of the loss, summed over the steps of the epoch, on the device
  double save_wait_s_ = 0;   ///< for which saves have held the training up since the last line of metrics
  std::string epoch_note_;
};

}  // namespace retime
