#include "model/layers/simulated_occlusion.hpp"

#include <torch/nn/functional/pooling.h>
#include <torch/nn/functional/vision.h>

namespace F = torch::nn::functional;

namespace retime {
torch::Tensor boxes_of(const torch::Tensor& bodies) {
  const auto side = [&](std::int64_t dim) {
    const auto hit = bodies.squeeze(1).any(dim).to(torch::kFloat);  // [S, W] or [S, H]
    const auto count = hit.size(1);
    const auto place = (torch::arange(count, hit.options()) + 0.5) * (2.0 / static_cast<double>(count)) - 1;
    const auto low = torch::where(hit > 0, place, torch::full_like(place, 2)).amin(1);
    const auto high = torch::where(hit > 0, place, torch::full_like(place, -2)).amax(1);
    return std::pair(low, high);
  };
  const auto [left, right] = side(1);
  const auto [top, bottom] = side(2);
  return torch::stack({left, top, right, bottom}, 1);
}

torch::Tensor place(const torch::Tensor& pictures, const torch::Tensor& source, const torch::Tensor& target,
                    const torch::Tensor& placements, Placing placing) {
  const bool mirrored = placing == Placing::kMirroredNearest;
  const auto center = (source.slice(1, 0, 2) + source.slice(1, 2, 4)) / 2;
  const auto goal = target.slice(1, 0, 2) + (target.slice(1, 2, 4) - target.slice(1, 0, 2)) * placements.slice(1, 1, 3);
  const auto zoom = 1 / placements.select(1, 0), zoom_x = mirrored ? -zoom : zoom;
  // A pixel p shows the picture's pixel center + zoom * (p - goal).
  auto theta = torch::zeros({pictures.size(0), 2, 3}, source.options());
  theta.select(1, 0).select(1, 0).copy_(zoom_x);
  theta.select(1, 1).select(1, 1).copy_(zoom);
  theta.select(1, 0).select(1, 2).copy_(center.select(1, 0) - zoom_x * goal.select(1, 0));
  theta.select(1, 1).select(1, 2).copy_(center.select(1, 1) - zoom * goal.select(1, 1));
  auto options = F::GridSampleFuncOptions().padding_mode(torch::kZeros).align_corners(false);
  if (mirrored) options.mode(torch::kNearest);
  return F::grid_sample(pictures, F::affine_grid(theta, pictures.sizes(), false), options);
}

torch::Tensor with_edge(const torch::Tensor& bodies) {
  return F::max_pool2d(bodies.to(torch::kFloat), F::MaxPool2dFuncOptions(3).stride(1).padding(1));
}

}  // namespace retime
