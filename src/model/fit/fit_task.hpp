#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "dist/torch.hpp"
#include "format/checkpoint.hpp"
#include "model/scene/sampler.hpp"
#include "model/step/train_step.hpp"

namespace retime {

/// How far a fit is.
struct FitPosition {
  std::int64_t step = 0;  ///< steps made
  int epoch = 0;          ///< epochs that are complete
  int epoch_step = 0;     ///< steps made of the epoch under way
};

/// What the loop has to know of a task.
struct FitPlan {
  const char* stage;         ///< names a step in messages and of faults: "training step"
  const char* label;         ///< of the progress: "train"
  const char* place;         ///< behind the number of a step at which it stopped: " of the upsampling network"
  const char* batch_option;  ///< says how many frames a step takes: "--batch-frames"
  int epochs;
  int frame_count;  ///< of the clip
  BatchSampler sampler;
  std::vector<std::string> sums;  ///< names in checkpoints of what is summed over the steps of an epoch
};

/// This rank's frames of a step, and of the one after it; -1 is a place without a frame.
struct StepFrames {
  std::vector<int> now, next;
};

/// An epoch whose steps are made.
struct EpochEnd {
  FitPosition at;      ///< `epoch` counts those before it, `epoch_step` its steps
  torch::Tensor sums;  ///< [P] over its steps and all ranks, on the device
};

struct EpochReport {
  nlohmann::json metrics;  ///< what the task adds to a line of metrics.jsonl
  std::string note;        ///< behind the progress
};

/// Where a checkpoint goes on.
struct Restored {
  FitPosition at;
  bool same_steps = true;  ///< whether a step takes the frames that it took then
};

/// What is fitted by `FitLoop`. All ranks make the same calls, which may be collective.
class FitTask {
 public:
  virtual ~FitTask() = default;

  virtual FitPlan plan() const = 0;
  /// What learns, and how fast beside the rate of a step.
  virtual torch::nn::Module& module() = 0;
  virtual std::vector<FusedAdam::Group> groups() { return {FusedAdam::learning_of(module())}; }
  virtual double learning_rate(std::int64_t step, int epoch) const = 0;

  /// Whether no epoch follows `epoch` complete ones.
  virtual bool is_over(int epoch) const { return epoch >= plan().epochs; }
  /// `coming` are this rank's frames of this epoch's steps that are to be made, then those of the next epoch.
  virtual void begin_epoch(int epoch, const std::vector<int>& coming) = 0;
  /// Forward pass and loss of a step; `parts` are [P].
  virtual StepLoss loss(const StepFrames& frames, int epoch) = 0;
  /// Throws Error when the fit diverged.
  virtual EpochReport end_epoch(const EpochEnd& end) = 0;
  /// After the save that may follow an epoch; `epoch` of them are complete.
  virtual void after_epoch(int /*epoch*/) {}

  /// Everything that a fit needs to go on from there, but the sums; rank 0 alone makes and writes it.
  virtual Checkpoint checkpoint(const FitPosition& /*at*/, const FusedAdam& /*optimizer*/) const { return {}; }
  /// Arrays that are written into every checkpoint besides, the same at all times.
  virtual std::shared_ptr<const std::vector<NamedArray>> constant_arrays() const { return {}; }
  /// Takes what `checkpoint` made. Throws Error, which names `file`, when it is of another task.
  virtual Restored restore(const Checkpoint& /*checkpoint*/, const std::filesystem::path& /*file*/,
                           FusedAdam& /*optimizer*/) {
    return {};
  }
};

}  // namespace retime
