#include "model/config/loss_options.hpp"

#include <algorithm>

#include "core/options.hpp"

namespace retime {

void LossOptions::add_to(OptionTable& table) {
  const std::string section = "loss";
  table.add_choice(section, "mask-loss", mask_loss,
                   {{"none", MaskLoss::kNone}, {"patent", MaskLoss::kPatent}, {"released", MaskLoss::kReleased}},
                   "bootstraps the alphas from the object masks");
  table.add_choice(section, "mask-schedule", mask_schedule,
                   {{"epochs", MaskSchedule::kEpochs}, {"threshold", MaskSchedule::kThreshold}},
                   "when the weight of the mask loss steps down: at fixed epochs, or once the mask error is small");
  table.add(section, "mask-weights", mask_weights, "three weights of the mask loss, one after the other");
  table.add(section, "mask-epochs", mask_epochs, "last epochs of the first two weights");
  table.add(section, "mask-threshold", mask_threshold, "mask error that ends the first weight");
  table.add(section, "matting-weight", matting_weight, "pull of the layers towards the difference mattes, at first");
  table.add(section, "matting-epochs", matting_epochs, "epoch at which that pull has fallen to zero; 0: it stays");
  table.add_choice(section, "sparsity", sparsity,
                   {{"per_layer", SparsityKind::kPerLayer},
                    {"composite", SparsityKind::kComposite},
                    {"composite_squared", SparsityKind::kCompositeSquared}},
                   "the alphas that are kept sparse");
  table.add(section, "sparsity-weight", sparsity_weight, "weight of the sparsity loss (beta)");
  table.add(section, "sparsity-l1", sparsity_l1, "weight of its L1 part (gamma)");
  table.add(section, "sparsity-l1-epochs", sparsity_l1_epochs, "epochs with the L1 part");
  table.add(section, "claim-weight", claim_weight, "weight of whose contested effects are (layer-output completion)");
  table.add(section, "variation-weight", variation_weight, "weight of the background's change over time");
}

void LossOptions::validate() const {
  require(mask_weights.size() == 3, "mask-weights wants three numbers, as in 50,5,0");
  require(mask_epochs.size() == 2 && mask_epochs[0] <= mask_epochs[1],
          "mask-epochs wants two numbers, the smaller first, as in 50,100");
  for (const double weight : {*std::min_element(mask_weights.begin(), mask_weights.end()), matting_weight,
                              sparsity_weight, sparsity_l1, claim_weight, variation_weight})
    require(weight >= 0, "weights of losses must not be negative");
}

double LossSchedule::mask_weight(int epoch) const {
  const auto& w = options_.mask_weights;
  if (options_.mask_schedule == MaskSchedule::kEpochs)
    return epoch < options_.mask_epochs[0] ? w[0] : epoch < options_.mask_epochs[1] ? w[1] : w[2];
  if (threshold_epoch_ < 0) return w[0];
  return epoch < 2 * threshold_epoch_ ? w[1] : w[2];
}

LossWeights LossSchedule::weights(int epoch) const {
  LossWeights weights;
  if (options_.mask_loss != MaskLoss::kNone) weights.mask = mask_weight(epoch);
  weights.matting = options_.matting_weight;
  if (options_.matting_epochs > 0)
    weights.matting *= std::max(0.0, 1.0 - static_cast<double>(epoch) / options_.matting_epochs);
  weights.variation = options_.variation_weight;
  weights.claim = options_.claim_weight;
  weights.sparsity = options_.sparsity_weight;
  weights.sparsity_l1 = epoch < options_.sparsity_l1_epochs ? options_.sparsity_l1 : 0;
  return weights;
}

void LossSchedule::observe(int epoch, double mask_error) {
  if (threshold_epoch_ < 0 && mask_error < options_.mask_threshold) threshold_epoch_ = epoch + 1;
}

}  // namespace retime
