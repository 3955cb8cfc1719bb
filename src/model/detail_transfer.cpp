#include "model/detail_transfer.hpp"

#include "model/composite.hpp"

namespace retime {
namespace {

constexpr double kBackgroundPriority = 0.05;

}  // namespace

torch::Tensor quantize(const torch::Tensor& values) { return (values.clamp(0, 1) * 255).round() / 255; }

torch::Tensor transfer_detail(const torch::Tensor& frame, const torch::Tensor& background,
                              const torch::Tensor& layers) {
  const auto weights = over_weights(quantize(layers.slice(1, 3, 4)).squeeze(1).unsqueeze(0))[0].unsqueeze(1);
  auto priority = torch::ones({weights.size(0), 1, 1, 1}, weights.options());
  priority[0] = kBackgroundPriority;
  auto colors = torch::cat({background.unsqueeze(0), layers.slice(1, 0, 3)}).clamp(0, 1);
  // Colours end at 0 and 1. Each round takes up the residual or brings one more layer to an end; the others share the
  // rest.
  for (std::int64_t round = 0; round < colors.size(0); ++round) {
    const auto residual = frame - (weights * colors).sum(0);
    const auto room = torch::where(residual > 0, 1 - colors, colors) > 0;
    const auto share = priority * weights * room;
    colors = (colors + share * residual / (share * weights).sum(0, true).clamp_min(1e-6)).clamp(0, 1);
  }
  return quantize(colors);
}

}  // namespace retime
