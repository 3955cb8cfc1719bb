#include "model/step/train_step.hpp"

#include <utility>

#include "dist/step_timeline.hpp"

namespace retime {
namespace {

GradientReducer reducer_of(const torch::nn::Module& module, const ProcessGroupPtr& group) {
  auto all = FusedAdam::all_of(module);
  return GradientReducer(std::move(all.parameters), std::move(all.names), group);
}

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

}  // namespace retime
