#pragma once

#include <string>

#include "core/options.hpp"
#include "ranks/device_choice.hpp"
#include "ranks/stop_signal.hpp"

namespace retime {

/// Random changes of the frames that a step sees.
struct AugmentationOptions {
  double probability = 0.75;
  double max_scale = 1.25;
  double brightness_sigma = 0;  ///< in units of [-1, 1] ...
  int brightness_epochs = 0;    ///< ... in the first epochs
  /// Of a piece of an object being hidden from the network (layer-output completion).
  double occlusion_probability = 0.75;
};

/// How a model is fitted.
struct TrainOptions {
  int epochs = 60;
  int batch_frames = 2;  ///< frames in a global batch, over all ranks
  double learning_rate = 2e-3;
  double plate_learning_rate = 0.02;  ///< of the plate, as a share of `learning_rate`
  int warmup_steps = 50;
  int decay_epochs = 60;  ///< the learning rate falls along a half cosine to a tenth at this epoch; 0: never
  int seed = 1;
  AugmentationOptions augmentation;
  int checkpoint_epochs = 20;  ///< epochs between checkpoints
  int keep_checkpoints = 2;    ///< newest ones that are kept
  int keep_every = 0;          ///< epochs; checkpoints of their multiples are kept for good; 0: none
  int preview_epochs = 20;     ///< epochs between preview pictures; 0: none
  bool bf16 = false;           ///< convolutions in bfloat16
  DeviceChoice device = DeviceChoice::kAuto;
  std::string resume = "auto";  ///< auto, none or a checkpoint file
  double cache_gib = 0;         ///< memory of a rank for frames and maps, see `cache_budget`
  double max_seconds = 0;       ///< stop after this time with a checkpoint; 0: no limit
  double job_end_margin = 120;  ///< seconds; stop this long before the Slurm job ends; 0: do not look
  int skip_nonfinite = 5;       ///< steps in a row that may be left out because their loss is not finite

  void add_to(OptionTable& table);
  /// Throws UsageError.
  void validate() const;
  /// What ends the fit early with a save.
  StopLimits stop_limits() const { return {.max_seconds = max_seconds, .job_end_margin_s = job_end_margin}; }
  /// Learning rate of a step: warm-up, then the half cosine over epochs.
  double learning_rate_at(std::int64_t step, int epoch) const;
};

}  // namespace retime
