#pragma once

#include <string>
#include <vector>

#include "dist/torch.hpp"
#include "format/checkpoint.hpp"

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

}  // namespace retime
