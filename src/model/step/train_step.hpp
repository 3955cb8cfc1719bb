#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "dist/gradient_reducer.hpp"
#include "dist/torch.hpp"
#include "format/checkpoint.hpp"
#include "model/step/fit_ranks.hpp"
#include "model/step/step_guard.hpp"

namespace retime {

/// Adam in one fused kernel over all parameters of a group (the C++ torch::optim::Adam walks them one by one).
class FusedAdam {
 public:
  struct Group {
    std::vector<torch::Tensor> parameters;
    std::vector<std::string> names;
    double rate_scale = 1;  ///< times the learning rate of a step
  };
  explicit FusedAdam(std::vector<Group> groups);
  /// All parameters of a module, under their names in it.
  static Group all_of(const torch::nn::Module& module);
  /// Those of them that learn.
  static Group learning_of(const torch::nn::Module& module);

  /// One step with the gradients that the parameters hold; all of them must have one. `left_out` is a flag on their
  /// device, [] float: where it is 1, nothing changes. Not defined: the step is made.
  void step(double learning_rate, const torch::Tensor& left_out = {});
  /// Gradients of all parameters.
  std::vector<torch::Tensor> gradients() const;

  /// Moments and step counts, as arrays of a checkpoint.
  std::vector<NamedArray> save() const;
  /// Throws Error when an array is missing or has another shape.
  void load(const Checkpoint& checkpoint);

 private:
  struct State {
    Group group;
    std::vector<torch::Tensor> first, second, steps;
  };
  std::vector<State> states_;
};

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
