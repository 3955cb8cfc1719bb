#include "model/layers/composite.hpp"

#include <vector>

namespace retime {

torch::Tensor over(const torch::Tensor& background, const torch::Tensor& layers) {
  auto result = background;
  const auto channels = background.size(-3);
  for (const auto& layer : layers.unbind(-4))
    result = torch::lerp(result, layer.slice(-3, 0, channels), layer.slice(-3, channels));
  return result;
}

torch::Tensor over_weights(const torch::Tensor& alpha) {
  const auto count = alpha.size(1);
  std::vector<torch::Tensor> weights(static_cast<std::size_t>(count) + 1);
  torch::Tensor through = torch::ones_like(alpha.select(1, 0));
  for (std::int64_t n = count; n-- > 0;) {
    weights[static_cast<std::size_t>(n) + 1] = through * alpha.select(1, n);
    through = through * (1 - alpha.select(1, n));
  }
  weights[0] = through;
  return torch::stack(weights, 1);
}

torch::Tensor composite_alpha(const torch::Tensor& alpha, AlphaComposite kind) {
  torch::Tensor result = torch::zeros_like(alpha.select(1, 0));
  for (std::int64_t n = 0; n < alpha.size(1); ++n) {
    const auto a = alpha.select(1, n);
    result = (kind == AlphaComposite::kSquared ? a.square() : a) + (1 - a) * result;
  }
  return result;
}

}  // namespace retime
