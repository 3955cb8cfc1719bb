#include "model/config/train_options.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/options.hpp"

namespace retime {
namespace {

constexpr double kFinalRate = 0.1;

bool is_share(double value) { return value >= 0 && value <= 1; }

}  // namespace

void TrainOptions::add_to(OptionTable& table) {
  const std::string section = "train";
  table.add(section, "epochs", epochs, "passes over the clip");
  table.add(section, "batch-frames", batch_frames, "frames in a step, over all ranks");
  table.add(section, "learning-rate", learning_rate, "step size of Adam");
  table.add(section, "plate-learning-rate", plate_learning_rate, "step size of the plate, as a share of learning-rate");
  table.add(section, "warmup-steps", warmup_steps, "steps over which the learning rate rises from zero");
  table.add(section, "decay-epochs", decay_epochs,
            "epoch at which the learning rate has fallen to a tenth; 0: constant");
  table.add(section, "seed", seed, "of initial values, shuffling and augmentation");
  table.add(section, "augment-probability", augmentation.probability, "share of frames that are zoomed and shifted");
  table.add(section, "augment-scale", augmentation.max_scale, "largest zoom");
  table.add(section, "brightness-sigma", augmentation.brightness_sigma, "random brightness, colours in [-1, 1]");
  table.add(section, "brightness-epochs", augmentation.brightness_epochs, "epochs with random brightness");
  table.add(
      section, "occlusion-probability", augmentation.occlusion_probability,
      "share of layers with a piece hidden from the network, which learns to complete them (layer-output completion)");
  table.add(section, "checkpoint-epochs", checkpoint_epochs, "epochs between checkpoints");
  table.add(section, "keep-checkpoints", keep_checkpoints, "newest checkpoints that are kept");
  table.add(section, "keep-every", keep_every,
            "checkpoints of every so many epochs are kept for good; 0: none (a multiple of checkpoint-epochs)");
  table.add(section, "preview-epochs", preview_epochs, "epochs between preview pictures; 0: none");
  table.add(section, "bf16", bf16, "convolutions in bfloat16");
  add_device_option(table, section, device);
  table.add(
      section, "cache-gib", cache_gib,
      "memory of a rank for frames and maps, GiB; what does not fit is read when it is needed; 0: 4, on a GPU half of "
      "its free memory");
  table.add(section, "resume", resume, "auto (newest valid checkpoint of the run), none, or a checkpoint file");
  table.add(section, "max-seconds", max_seconds, "save and exit with 75 after this many seconds; 0: no limit");
  table.add(section, "job-end-margin", job_end_margin,
            "do so this many seconds before the Slurm job ends (SLURM_JOB_END_TIME); 0: do not look");
  table.add(section, "skip-nonfinite", skip_nonfinite,
            "steps in a row that are left out, with a warning, when their loss is not finite, before the fit ends");
}

void TrainOptions::validate() const {
  require(epochs >= 1, "epochs must be at least 1");
  require(batch_frames >= 1, "batch-frames must be at least 1");
  require(learning_rate > 0, "learning-rate must be positive");
  require(checkpoint_epochs >= 1, "checkpoint-epochs must be at least 1");
  require(keep_checkpoints >= 1, "keep-checkpoints must be at least 1");
  require(keep_every >= 0, "keep-every must not be negative");
  require(keep_every % checkpoint_epochs == 0, "keep-every must be a multiple of checkpoint-epochs");
  require(cache_gib >= 0, "cache-gib must not be negative");
  require(preview_epochs >= 0, "preview-epochs must not be negative");
  require(max_seconds >= 0, "max-seconds must not be negative");
  require(job_end_margin >= 0, "job-end-margin must not be negative");
  require(skip_nonfinite >= 0, "skip-nonfinite must not be negative");
  require(seed >= 0, "seed must not be negative");
  require(plate_learning_rate >= 0, "plate-learning-rate must not be negative");
  require(warmup_steps >= 0, "warmup-steps must not be negative");
  require(decay_epochs >= 0, "decay-epochs must not be negative");
  require(augmentation.max_scale >= 1 && augmentation.max_scale <= 4, "augment-scale must be 1 to 4");
  require(is_share(augmentation.probability), "augment-probability must be 0 to 1");
  require(is_share(augmentation.occlusion_probability), "occlusion-probability must be 0 to 1");
  require(augmentation.brightness_sigma >= 0, "brightness-sigma must not be negative");
}

double TrainOptions::learning_rate_at(std::int64_t step, int epoch) const {
  const double warm = warmup_steps > 0 ? std::min(1.0, static_cast<double>(step + 1) / warmup_steps) : 1;
  if (decay_epochs <= 0) return learning_rate * warm;
  const double done = std::min(1.0, static_cast<double>(epoch) / decay_epochs);
  return learning_rate * warm * (kFinalRate + (1 - kFinalRate) * (1 + std::cos(std::numbers::pi * done)) / 2);
}

}  // namespace retime
