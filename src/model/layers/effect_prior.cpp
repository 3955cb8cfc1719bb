#include "model/layers/effect_prior.hpp"

#include <torch/autograd.h>
#include <torch/nn/functional/vision.h>

#include "model/layers/attribution.hpp"

namespace F = torch::nn::functional;

namespace retime {
namespace {

constexpr double kRange = 2;               // heights to each side of the foot
constexpr std::int64_t kCells = 96;        // along a side
constexpr double kStartFade = 2;           // per height
constexpr double kCommonWeight = 0.25;     // of what all objects show, to what one does
constexpr double kLeastPixels = 1;         // seen in a cell before it says much
constexpr double kSharpness = 1.5;         // exponent: contrast between claimants
constexpr double kLeastDepth = 1e-4;       // when nothing is expected of anybody, shares are equal
constexpr double kUnlikely = 0.05;         // shares below it are none
constexpr double kMostWeighedAlpha = 0.9;  // cloth that hides all should not outweigh shadows

torch::Tensor depth_of(const torch::Tensor& alpha) { return -torch::log1p(-alpha.clamp_max(kMostWeighedAlpha)); }

torch::Tensor without_unlikely(const torch::Tensor& share) {
  return ((share - kUnlikely) / (1 - 2 * kUnlikely)).clamp(0, 1);
}

torch::Tensor weight_of(const torch::Tensor& expected) { return (expected + kLeastDepth).pow(kSharpness); }

// Maps of all objects [objects, 1, G, G] as the slots of a batch place them, see `expected`.
torch::Tensor placed(const torch::Tensor& object_maps, const Batch& batch, Size size, const Window& window) {
  const auto boxes = boxes_of(batch.iuv.slice(1, 0, 1) > 0);
  const auto present = (boxes.select(1, 2) > boxes.select(1, 0)).to(torch::kFloat);
  const auto height = (boxes.select(1, 3) - boxes.select(1, 1)).clamp_min(1e-3);
  const auto center = (boxes.select(1, 0) + boxes.select(1, 2)) / 2, foot = boxes.select(1, 3);
  const double aspect = static_cast<double>(size.width) / size.height;
  // A window's pixel centres, x and y in [-1, 1] of the window, are scale * p + shift of the picture.
  const double scale_x = static_cast<double>(window.width()) / size.width,
               scale_y = static_cast<double>(window.height()) / size.height;
  const double shift_x = static_cast<double>(window.left + window.right) / size.width - 1,
               shift_y = static_cast<double>(window.top + window.bottom) / size.height - 1;
  auto theta = torch::zeros({boxes.size(0), 2, 3}, boxes.options());
  theta.select(1, 0).select(1, 0).copy_(aspect * scale_x / (kRange * height));
  theta.select(1, 0).select(1, 2).copy_(aspect * (shift_x - center) / (kRange * height));
  theta.select(1, 1).select(1, 1).copy_(scale_y / (kRange * height));
  theta.select(1, 1).select(1, 2).copy_((shift_y - foot) / (kRange * height));
  const auto maps = object_maps.index_select(0, batch.slot_object) * present.view({-1, 1, 1, 1});
  const auto grid = F::affine_grid(theta, {boxes.size(0), 1, window.height(), window.width()}, false);
  return F::grid_sample(maps, grid, F::GridSampleFuncOptions().padding_mode(torch::kZeros).align_corners(false));
}

}  // namespace

EffectPriorImpl::EffectPriorImpl(int objects) {
  depth_ = register_buffer("depth", torch::ones({objects, 1, kCells, kCells}));
}

torch::Tensor EffectPriorImpl::expected(const Batch& batch, Size size, const Window& window) const {
  return placed(depth_, batch, size, window);
}

torch::Tensor EffectPriorImpl::empty_sums() const {
  return torch::zeros({2, depth_.size(0), 1, kCells, kCells}, depth_.options());
}

void EffectPriorImpl::add(const Batch& batch, torch::Tensor& sums) const {
  const Size size{static_cast<int>(batch.iuv.size(3)), static_cast<int>(batch.iuv.size(2))};
  const auto bodies = with_edge(with_edge(batch.iuv.slice(1, 0, 1) > 0) > 0);
  const auto seen = (sum_over_frame(bodies, batch) == 0) * batch.slot_weight.view({-1, 1, 1, 1});
  const auto trust = matte_trust(batch.visibility);
  const auto alpha = batch.matte.slice(1, 3, 4);
  const auto share = prior_shares(expected(batch, size, whole(size)), trust.contested, batch);
  const auto total = sum_over_frame(alpha * trust.contested, batch);
  const auto depth = trust.known * depth_of(alpha) + share * depth_of(total);
  // Sampling is linear in the map, so its gradient spreads pixels over the cells that they were sampled from.
  const torch::AutoGradMode with_gradients(true);
  const auto cells = torch::zeros_like(depth_).requires_grad_();
  const auto sampled = placed(cells, batch, size, whole(size));
  const auto spread = [&](const torch::Tensor& values) {
    return torch::autograd::grad({sampled}, {cells}, {values.to(torch::kFloat)}, true)[0];
  };
  sums += torch::stack({spread(depth * seen), spread(seen.expand_as(sampled))});
}

void EffectPriorImpl::update(const torch::Tensor& sums) {
  const torch::NoGradGuard guard;
  const auto depth = sums[0], pixels = sums[1];
  const auto all_depth = depth.sum(0, true), all_pixels = pixels.sum(0, true);
  const auto common = all_depth / (all_pixels + kLeastPixels);
  const auto lean = kCommonWeight * all_pixels / static_cast<double>(pixels.size(0));
  depth_.copy_((depth + lean * common) / (pixels + lean + kLeastPixels));
}

void EffectPriorImpl::start() {
  const torch::NoGradGuard guard;
  const auto line = ((torch::arange(kCells, depth_.options()) + 0.5) * (2.0 / kCells) - 1) * kRange;
  const auto distance = (line.square().view({-1, 1}) + line.square().view({1, -1})).sqrt();
  depth_.copy_(torch::exp(-kStartFade * distance).expand_as(depth_));
}

torch::Tensor prior_shares(const torch::Tensor& expected, const torch::Tensor& contested, const Batch& batch) {
  const auto weight = weight_of(expected) * (contested > 0);
  const auto share = without_unlikely(weight / sum_over_frame(weight, batch).clamp_min(1e-12));
  return share / sum_over_frame(share, batch).clamp_min(1e-6);
}

torch::Tensor prior_share_of_two(const torch::Tensor& first, const torch::Tensor& second) {
  const auto weight = weight_of(first);
  return without_unlikely(weight / (weight + weight_of(second)));
}

}  // namespace retime
