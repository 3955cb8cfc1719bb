#include "model/step/train_step.hpp"

#include <utility>

#include "dist/step_timeline.hpp"
#include "model/state/model_state.hpp"

namespace retime {
namespace {

GradientReducer reducer_of(const torch::nn::Module& module, const ProcessGroupPtr& group) {
  auto all = FusedAdam::all_of(module);
  return GradientReducer(std::move(all.parameters), std::move(all.names), group);
}

constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;

}  // namespace

TrainStep::TrainStep(const torch::nn::Module& module, const FitRanks& ranks, const Options& options)
    : TrainStep(module, {FusedAdam::all_of(module)}, ranks, options) {}

TrainStep::TrainStep(const torch::nn::Module& module, std::vector<FusedAdam::Group> groups, const FitRanks& ranks,
                     const Options& options)
    : reducer_(reducer_of(module, ranks.gradient_group)),
      optimizer_(std::move(groups)),
      guard_({options.stage, options.most_skipped, options.hint}, ranks.communicator, ranks.device) {}

torch::Tensor TrainStep::make(const std::function<StepLoss()>& loss, const At& at) {
  reducer_.zero_grad();
  const auto [total, parts] = loss();
  enter_step_part(StepPart::kBackward);
  const auto spread = guard_.spread(total, at.number);
  reducer_.backward(spread);
  enter_step_part(StepPart::kOptimizer);
  const auto left_out = guard_.left_out(optimizer_.gradients(), spread, at.number, at.frames);
  optimizer_.step(at.learning_rate, left_out);
  return StepGuard::counted(parts, left_out);
}

FusedAdam::FusedAdam(std::vector<Group> groups) {
  for (auto& group : groups) {
    State state;
    for (const auto& parameter : group.parameters) {
      state.first.push_back(torch::zeros_like(parameter));
      state.second.push_back(torch::zeros_like(parameter));
      state.steps.push_back(torch::zeros({}, parameter.options().dtype(torch::kFloat)));
    }
    state.group = std::move(group);
    states_.push_back(std::move(state));
  }
}

FusedAdam::Group FusedAdam::learning_of(const torch::nn::Module& module) {
  Group group;
  for (const auto& item : module.named_parameters()) {
    if (!item.value().requires_grad()) continue;
    group.parameters.push_back(item.value());
    group.names.push_back(item.key());
  }
  return group;
}

FusedAdam::Group FusedAdam::all_of(const torch::nn::Module& module) {
  Group group;
  for (const auto& item : module.named_parameters()) {
    group.parameters.push_back(item.value());
    group.names.push_back(item.key());
  }
  return group;
}

std::vector<torch::Tensor> FusedAdam::gradients() const {
  std::vector<torch::Tensor> gradients;
  for (const auto& state : states_)
    for (const auto& parameter : state.group.parameters) gradients.push_back(parameter.grad());
  return gradients;
}

void FusedAdam::step(double learning_rate, const torch::Tensor& left_out) {
  torch::NoGradGuard guard;
  for (auto& state : states_) {
    std::vector<torch::Tensor> gradients;
    for (const auto& parameter : state.group.parameters) gradients.push_back(parameter.grad());
    if (left_out.defined())
      torch::_foreach_add_(state.steps, 1 - left_out);
    else
      torch::_foreach_add_(state.steps, 1);
    torch::_fused_adam_(state.group.parameters, gradients, state.first, state.second, {}, state.steps,
                        learning_rate * state.group.rate_scale, kBeta1, kBeta2, /*weight_decay=*/0.0, kEpsilon,
                        /*amsgrad=*/false, /*maximize=*/false, /*grad_scale=*/{},
                        left_out.defined() ? std::optional(left_out) : std::nullopt);
  }
}

std::vector<NamedArray> FusedAdam::save() const {
  std::vector<NamedArray> arrays;
  for (const auto& state : states_)
    for (std::size_t i = 0; i < state.group.names.size(); ++i) {
      arrays.push_back(to_array("adam_first/" + state.group.names[i], state.first[i]));
      arrays.push_back(to_array("adam_second/" + state.group.names[i], state.second[i]));
      arrays.push_back(to_array("adam_steps/" + state.group.names[i], state.steps[i]));
    }
  return arrays;
}

void FusedAdam::load(const Checkpoint& checkpoint) {
  const ArrayIndex index(checkpoint);
  for (auto& state : states_)
    for (std::size_t i = 0; i < state.group.names.size(); ++i) {
      index.copy_to("adam_first/" + state.group.names[i], state.first[i]);
      index.copy_to("adam_second/" + state.group.names[i], state.second[i]);
      index.copy_to("adam_steps/" + state.group.names[i], state.steps[i]);
    }
}

}  // namespace retime
