#include "model/loss/losses.hpp"

#include <vector>

#include "model/layers/composite.hpp"

namespace retime {
namespace {

constexpr double kHiddenWeight = 3;

torch::Tensor per_item(const torch::Tensor& weight, const torch::Tensor& like) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(like.dim()), 1);
  shape[0] = -1;
  return weight.view(shape);
}

torch::Tensor pixel_count(const torch::Tensor& weight, const torch::Tensor& like) {
  return weight.sum() * static_cast<double>(like.numel() / std::max<std::int64_t>(like.size(0), 1));
}

LossTerm zero_term(const torch::Tensor& like) {
  return {torch::zeros({}, like.options()), torch::ones({}, like.options())};
}

LossTerm sparsity_term(const LayerOutput& output, const Batch& batch, const LossOptions& options, double l1) {
  const auto alpha = stack_layers(output.slots.slice(1, 3, 4), batch).squeeze(2);  // [B, N, H, W]
  torch::Tensor sparse = alpha;
  if (options.sparsity != SparsityKind::kPerLayer)
    sparse = composite_alpha(
        alpha, options.sparsity == SparsityKind::kComposite ? AlphaComposite::kTrue : AlphaComposite::kSquared);
  const auto sum = (sparsity(sparse, l1) * per_item(batch.frame_weight, sparse)).sum();
  return {sum, pixel_count(batch.frame_weight, sparse)};
}

// The released mask loss also sees the background's own alpha, with the mask "not the object" everywhere.
std::pair<LossTerm, LossTerm> released_terms(const LayerOutput& output, const Batch& batch) {
  auto alpha = output.slots.select(1, 3), trimap = batch.trimap.squeeze(1), weight = batch.slot_weight;
  if (output.background_alpha.defined()) {
    alpha = torch::cat({alpha, output.background_alpha});
    trimap = torch::cat({trimap, torch::zeros_like(output.background_alpha)});
    weight = torch::cat({weight, batch.frame_weight});
  }
  return mask_terms_released(alpha, trimap, weight);
}

// What was hidden from the network counts most: there it has to know, elsewhere it may copy.
torch::Tensor pixel_weights(const Batch& batch, const CompletionInput& completion) {
  if (!completion.known.defined()) return matte_trust(batch.visibility).known;
  return completion.trusted * (1 + kHiddenWeight * (completion.trusted - completion.known));
}

LossTerm variation_term(const torch::Tensor& variation, const Batch& batch) {
  return {(variation.abs() * per_item(batch.frame_weight, variation)).sum(),
          pixel_count(batch.frame_weight, variation)};
}

}  // namespace

LossTerm reconstruction_term(const torch::Tensor& composite, const torch::Tensor& frames, const torch::Tensor& weight) {
  return {((composite - frames).abs() * per_item(weight, frames)).sum(), pixel_count(weight, frames)};
}

LossTerm mask_term_patent(const torch::Tensor& alpha, const torch::Tensor& trimap, const torch::Tensor& weight) {
  const auto mean_over = [](const torch::Tensor& values, const torch::Tensor& where) {
    const auto selected = where.to(values.scalar_type());
    return (values * selected).sum({1, 2}) / selected.sum({1, 2}).clamp_min(1);
  };
  const auto per_slot = 5 * mean_over(1 - alpha, trimap > 0.75) +
                        0.2 * mean_over(alpha, (trimap > 0.25).logical_and(trimap <= 0.75)) +
                        mean_over(alpha, trimap <= 0.25);
  return {(per_slot * weight).sum(), weight.sum()};
}

std::pair<LossTerm, LossTerm> mask_terms_released(const torch::Tensor& alpha, const torch::Tensor& trimap,
                                                  const torch::Tensor& weight) {
  const auto error = (2 * (alpha - trimap)).abs() * per_item(weight, alpha);
  const auto real = per_item(weight, alpha);
  const auto positive = (trimap > 0.75).to(alpha.scalar_type()) * real;
  const auto negative = (trimap < 0.25).to(alpha.scalar_type()) * real;
  return {{(error * positive).sum(), positive.sum()}, {(error * negative).sum(), negative.sum()}};
}

LossTerm matting_term(const torch::Tensor& layers, const torch::Tensor& mattes, const torch::Tensor& weight,
                      const torch::Tensor& trust) {
  const auto alpha = layers.slice(1, 3, 4);
  const auto color = (layers.slice(1, 0, 3) + 1) / 2 * alpha;
  auto error = (alpha - mattes.slice(1, 3, 4)).abs() + (color - mattes.slice(1, 0, 3)).abs().mean(1, true);
  if (trust.defined()) error = error * trust;
  return {(error * per_item(weight, error)).sum(), pixel_count(weight, error)};
}

LossTerm claim_term(const torch::Tensor& logits, const torch::Tensor& claim, const torch::Tensor& weight) {
  const auto error = claim * torch::softplus(-logits) + (1 - claim) * torch::softplus(logits);
  return {(error * weight).sum(), weight.sum()};
}

torch::Tensor sparsity(const torch::Tensor& alpha, double l1) {
  return l1 * alpha + (2 * torch::sigmoid(5 * alpha) - 1);
}

LossReport evaluate_losses(const LayerOutput& output, const Batch& batch, const LossOptions& options,
                           const LossWeights& weights, const Collectives& collectives) {
  const auto composite = over(output.background, stack_layers(output.slots, batch));
  // Terms in the order of kLossNames; the mask loss has two.
  std::vector<LossTerm> terms{reconstruction_term(composite, batch.frames, batch.frame_weight)};
  const auto zero = zero_term(composite);
  std::pair<LossTerm, LossTerm> mask{zero, zero};
  if (weights.mask > 0 && options.mask_loss == MaskLoss::kReleased)
    mask = released_terms(output, batch);
  else if (weights.mask > 0)
    mask.first = mask_term_patent(output.slots.select(1, 3), batch.trimap.squeeze(1), batch.slot_weight);
  terms.push_back(mask.first);
  terms.push_back(mask.second);
  const bool matting = weights.matting > 0 && batch.matte.defined();
  const auto& told = output.completion;
  terms.push_back(matting ? matting_term(output.painted, told.matte.defined() ? told.matte : batch.matte,
                                         batch.slot_weight, pixel_weights(batch, told))
                          : zero);
  terms.push_back(sparsity_term(output, batch, options, weights.sparsity_l1));
  terms.push_back(output.variation.defined() ? variation_term(output.variation, batch) : zero);
  terms.push_back(
      told.claim.defined() ? claim_term(claim_logits(output.logits, told.share), told.claim, told.claim_weight) : zero);

  std::vector<torch::Tensor> counts, values;
  for (const auto& term : terms) counts.push_back(term.count.detach());
  const auto global = collectives.sum(torch::stack(counts));
  const bool released = options.mask_loss == MaskLoss::kReleased;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const auto count = global[static_cast<std::int64_t>(i)];
    const bool is_mask = i == 1 || i == 2;
    values.push_back(is_mask && released ? 0.5 * terms[i].sum / (1 + count) : terms[i].sum / count.clamp_min(1));
  }
  const auto mask_value = values[1] + values[2];
  const auto total = values[0] + weights.mask * mask_value + weights.matting * values[3] +
                     weights.sparsity * values[4] + weights.variation * values[5] + weights.claim * values[6];
  return {total, torch::stack({values[0], mask_value, values[3], values[4], values[5], values[6]}).detach()};
}

}  // namespace retime
