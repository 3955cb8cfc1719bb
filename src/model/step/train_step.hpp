#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "dist/gradient_reducer.hpp"
#include "dist/torch.hpp"
#include "model/step/fit_ranks.hpp"
#include "model/step/fused_adam.hpp"
#include "model/step/step_guard.hpp"

namespace retime {

/// What the forward pass of a step gives.
struct StepLoss {
  torch::Tensor total;  ///< scalar: this rank's part of the loss; the parts of all ranks add up to it
  torch::Tensor parts;  ///< of any shape, no gradient: this rank's part of what is summed over steps
};

/// Makes optimisation steps of a module: forward and backward pass, sum of gradients over ranks, guard, Adam. All in
/// memory: it needs neither files nor MPI nor signals.
class TrainStep {
 public:
  struct Options {
    const char* stage = "training step";  ///< names a step in messages
    int most_skipped = 0;                 ///< steps in a row that may be left out as not finite
    std::string hint = {};                ///< ends the message when they are more: what to do besides
  };
  /// Adam with one rate for all parameters of the module.
  TrainStep(const torch::nn::Module& module, const FitRanks& ranks, const Options& options);
  /// Adam with `groups`, which hold all parameters that learn. Gives all ranks the parameters of rank 0. This call is
  /// MPI collective.
  TrainStep(const torch::nn::Module& module, std::vector<FusedAdam::Group> groups, const FitRanks& ranks,
            const Options& options);

  struct At {
    std::int64_t number = 0;  ///< of the step, for messages
    double learning_rate = 0;
    std::vector<int> frames = {};  ///< that this rank takes, for messages
  };
  /// Makes a step with the gradient of `loss`, and returns its parts; zeros if the step was left out because its loss
  /// or gradient was not finite. Throws AgreedError after too many of those in a row. This call is MPI collective.
  torch::Tensor make(const std::function<StepLoss()>& loss, const At& at);
  /// Reads back what steps were left out so far. Throws as `make`. This call is MPI collective.
  void read_back() { guard_.read_back(); }

  FusedAdam& optimizer() { return optimizer_; }
  const FusedAdam& optimizer() const { return optimizer_; }

 private:
  GradientReducer reducer_;
  FusedAdam optimizer_;
  StepGuard guard_;
};

}  // namespace retime
