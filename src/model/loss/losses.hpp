#pragma once

#include <array>

#include "dist/process_group.hpp"
#include "dist/torch.hpp"
#include "model/config/fit_options.hpp"
#include "model/layers/layered_model.hpp"
#include "model/scene/batch.hpp"

namespace retime {

/// Names of the values that `LossReport` carries, in order.
inline constexpr std::array<const char*, 6> kLossNames{"reconstruction", "mask",      "matting",
                                                       "sparsity",       "variation", "claim"};

/// What one evaluation of the losses gives.
struct LossReport {
  torch::Tensor total;  ///< scalar: this rank's part of the loss; the parts of all ranks add up to the global loss
  torch::Tensor parts;  ///< [6] float, no gradient: this rank's part of each term of `kLossNames`, unweighted
};

/// E_total = E_recon + mask weight * E_mask + matting weight * E_matting + beta * E_reg over one batch ([0058-0062],
/// [0092-0093]). Every mean divides by its count over the global batch, so that results do not depend on the number of
/// ranks. This call is MPI collective when there are several ranks.
LossReport evaluate_losses(const LayerOutput& output, const Batch& batch, const LossOptions& options,
                           const LossWeights& weights, const Collectives& collectives);

/// One loss term on one rank: a sum and what the sum over ranks is to be divided by.
struct LossTerm {
  torch::Tensor sum;
  torch::Tensor count;
};

/// E_recon: mean |frame - composite|, both [B, 3, H, W] in [-1, 1]; frames of weight 0 do not count.
LossTerm reconstruction_term(const torch::Tensor& composite, const torch::Tensor& frames, const torch::Tensor& weight);

/// E_mask as the text has it: per slot 5 * mean over m = 1 of (1 - a) + 0.2 * mean over m = 0.5 of a + mean over m = 0
/// of a; averaged over slots. `alpha` and `trimap` are [S, H, W]; `weight` is [S].
LossTerm mask_term_patent(const torch::Tensor& alpha, const torch::Tensor& trimap, const torch::Tensor& weight);

/// E_mask as the released code has it, alphas and trimap mapped to [-1, 1]: half the mean error over m = 1 and half
/// that over m = 0, each sum divided by one more than its number of pixels. Two terms: positive and negative.
std::pair<LossTerm, LossTerm> mask_terms_released(const torch::Tensor& alpha, const torch::Tensor& trimap,
                                                  const torch::Tensor& weight);

/// E_matting: mean |a - a_m| + mean |c a - c_m a_m|, colours in [0, 1]. `layers` is [S, 4, H, W] (colour in [-1, 1]),
/// `mattes` is [S, 4, H, W] premultiplied in [0, 1]; `trust` [S, 1, H, W] weighs the pixels, undefined: all alike.
LossTerm matting_term(const torch::Tensor& layers, const torch::Tensor& mattes, const torch::Tensor& weight,
                      const torch::Tensor& trust = {});

/// E_claim: cross-entropy between the claims of contested effects (`logits`) and whose they are; mean over the pixels'
/// weights. All [S, 1, H, W].
LossTerm claim_term(const torch::Tensor& logits, const torch::Tensor& claim, const torch::Tensor& weight);

/// E_reg's integrand ([0061]): l1 * a + (2 * sigmoid(5 a) - 1).
torch::Tensor sparsity(const torch::Tensor& alpha, double l1);

}  // namespace retime
