#include "model/layers/residual_owner.hpp"

#include <algorithm>
#include <vector>

#include "model/layers/composite.hpp"

namespace retime {
namespace {

namespace F = torch::nn::functional;

constexpr std::int64_t kCoarseWidth =
    480;                                 // about the width of the picture in cells, which are small squares of pixels
constexpr std::int64_t kSmoothing = 7;   // cells
constexpr std::int64_t kMargin = 2;      // cells: the rim that is always an object's
constexpr std::int64_t kReachPart = 12;  // of the width
constexpr double kQuantile = 0.95;       // of the residual where nobody is near
constexpr double kAboveQuantile = 1.25;  // what is above it by this factor is no noise
constexpr double kLeastLevels = 0.75;    // nor is anything below this
constexpr std::int64_t kFewest = 200;    // cells that tell the noise

torch::Tensor widened(const torch::Tensor& map, std::int64_t cells) {
  return F::max_pool2d(map, F::MaxPool2dFuncOptions(2 * cells + 1).stride(1).padding(cells));
}

torch::Tensor seen_slots(const torch::Tensor& alphas) {
  const auto weights = over_weights(alphas.squeeze(1).unsqueeze(0))[0].slice(0, 1);
  const auto slots = (weights.argmax(0, true) + 1).to(torch::kFloat);
  return (slots * (alphas.amax(0) > 0)).unsqueeze(0);
}

// Cells whose residual is more than noise. Both are [1, ?, h, w].
torch::Tensor conspicuous(const torch::Tensor& residual, const torch::Tensor& slots, std::int64_t reach) {
  const auto smooth = F::avg_pool2d(
      residual, F::AvgPool2dFuncOptions(kSmoothing).stride(1).padding(kSmoothing / 2).count_include_pad(false));
  const auto strength = smooth.abs().amax(1, true);
  const auto quiet = strength.masked_select(widened(slots, reach) == 0);
  if (quiet.numel() < kFewest) return strength > 2 * kLeastLevels;
  return strength > (quiet.quantile(kQuantile) * kAboveQuantile).clamp_min(kLeastLevels);
}

}  // namespace

torch::Tensor owner_slots(const torch::Tensor& residual, const torch::Tensor& alphas) {
  const auto height = residual.size(1), width = residual.size(2);
  if (alphas.size(0) == 0) return torch::zeros({height, width}, residual.options().dtype(torch::kByte));
  const auto covered = seen_slots(alphas);
  const auto cell = std::max<std::int64_t>((width + kCoarseWidth / 2) / kCoarseWidth, 1);
  auto slots = F::max_pool2d(covered, F::MaxPool2dFuncOptions(cell).stride(cell).ceil_mode(true));
  const auto coarse = F::avg_pool2d(
      residual.unsqueeze(0), F::AvgPool2dFuncOptions(cell).stride(cell).ceil_mode(true).count_include_pad(false));
  const auto reach = std::max<std::int64_t>(slots.size(3) / kReachPart, kMargin);
  const auto passable = conspicuous(coarse, slots, reach);
  for (std::int64_t step = 0; step < reach; ++step) {
    const auto open = step < kMargin ? slots == 0 : (slots == 0).logical_and(passable);
    slots = torch::where(open, widened(slots, 1), slots);
  }
  const auto fine = slots.repeat_interleave(cell, 2).repeat_interleave(cell, 3).slice(2, 0, height).slice(3, 0, width);
  return torch::where(covered > 0, covered, fine)[0][0].to(torch::kByte);
}

}  // namespace retime
