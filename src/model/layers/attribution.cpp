#include "model/layers/attribution.hpp"

#include <torch/nn/functional/pooling.h>
#include <torch/nn/functional/vision.h>

#include "model/layers/layered_model.hpp"

namespace F = torch::nn::functional;

namespace retime {
namespace {

constexpr double kLeastAlpha = 1e-3;   // divisor of premultiplied colours
constexpr double kMostAlpha = 0.995;   // whose logarithm is still finite
constexpr double kFaintAlpha = 0.015;  // an effect of this alpha is seen
constexpr double kFaintWeight = 0.05;  // weight of the faintest effects
constexpr double kLeastOdds = 1e-3;    // shares are kept this far from 0 and 1 before their logarithm

torch::Tensor optical_depth(const torch::Tensor& alpha) { return -torch::log1p(-alpha.clamp_max(kMostAlpha)); }

}  // namespace

MatteTrust matte_trust(const torch::Tensor& visibility) {
  const auto signed_trust = 2 * visibility - 1;
  return {signed_trust.clamp(0, 1), 1 - signed_trust.abs(), (-signed_trust).clamp(0, 1)};
}

CompletionInput completion_input(const Batch& batch, const torch::Tensor& expected) {
  const auto trust = matte_trust(batch.visibility);
  const auto is_contested = trust.contested > 0;
  const auto total = sum_over_frame(batch.matte * trust.contested, batch);
  CompletionInput input;
  input.share = prior_shares(expected, trust.contested, batch);
  const auto settled = is_contested * (sum_over_frame((input.share >= 1).to(torch::kFloat), batch) > 0);
  input.matte = torch::where(settled, total * input.share, batch.matte);
  input.trusted = input.known = torch::where(settled, torch::ones_like(trust.known), trust.known);
  input.contested = trust.contested * ~settled;
  input.total = total * input.contested.gt(0);
  return input;
}

void simulate(const Batch& batch, const torch::Tensor& expected, const Occlusion& occlusion, CompletionInput& input) {
  const torch::NoGradGuard guard;
  const auto bodies = batch.iuv.slice(1, 0, 1) > 0;
  const auto boxes = boxes_of(bodies), outside = 1 - with_edge(bodies);
  const auto known = input.known;
  const auto piece = place(bodies.to(torch::kFloat), boxes, boxes, occlusion.silhouette, Placing::kMirroredNearest);
  input.known = input.known * (1 - piece * occlusion.hides);

  const auto moved = [&](const torch::Tensor& pictures) {
    return place(pictures.index_select(0, occlusion.partner), boxes.index_select(0, occlusion.partner), boxes,
                 occlusion.other, Placing::kBilinear);
  };
  const auto own = input.matte * known * outside, other = moved(own) * outside;
  const auto own_alpha = own.slice(1, 3, 4), other_alpha = other.slice(1, 3, 4);
  const auto total = own + (1 - own_alpha) * other;
  const auto share = prior_share_of_two(expected, moved(expected));
  const auto unsettled = (share > 0) * (share < 1);
  const auto zone = occlusion.contests * (known > 0.5) * outside * (total.slice(1, 3, 4) > kFaintAlpha) * unsettled;
  input.share = torch::lerp(input.share, share, zone);
  input.total = torch::lerp(input.total, total, zone);
  input.known = input.known * (1 - zone);
  input.contested = torch::maximum(input.contested, zone);
  const auto depth = optical_depth(own_alpha);
  input.claim = depth / (depth + optical_depth(other_alpha)).clamp_min(1e-4);
  input.claim_weight = zone * (total.slice(1, 3, 4) + kFaintWeight);
}

torch::Tensor claim_logits(const torch::Tensor& logits, const torch::Tensor& share) {
  return logits.slice(1, 4, 5) + torch::logit(share, kLeastOdds);
}

torch::Tensor assemble_layers(const torch::Tensor& logits, const SlotMaps& maps, const torch::Tensor& expected,
                              const Batch& batch) {
  const auto trust = matte_trust(maps.visibility);
  const auto prior = prior_shares(expected, trust.contested, batch);
  const auto claim = torch::sigmoid(claim_logits(logits, prior)) * (prior > 0);
  const auto share = claim / sum_over_frame(claim, batch).clamp_min(1e-6);
  const auto total = sum_over_frame(maps.matte * trust.contested, batch);
  const auto total_alpha = total.slice(1, 3, 4);
  const auto split = 1 - torch::exp(-share * optical_depth(total_alpha));
  const auto painted = activate_layers(logits.slice(1, 0, 4), {});
  const auto own = trust.hidden * painted.slice(1, 3, 4);
  const auto alpha = (trust.known * maps.matte.slice(1, 3, 4) + split + own).clamp(0, 1);
  const auto color = trust.known * maps.matte.slice(1, 0, 3) +
                     split * total.slice(1, 0, 3) / total_alpha.clamp_min(kLeastAlpha) +
                     own * (painted.slice(1, 0, 3) + 1) / 2;
  return torch::cat({2 * (color / alpha.clamp_min(kLeastAlpha)).clamp(0, 1) - 1, alpha}, 1);
}

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
