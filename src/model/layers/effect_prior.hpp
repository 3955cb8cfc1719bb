#pragma once

#include "dist/torch.hpp"
#include "format/image.hpp"
#include "model/scene/batch.hpp"
#include "model/scene/tiles.hpp"

namespace retime {

/// Where each object's effects lie relative to its body, as the whole clip shows it: the mean optical depth, -log(1 -
/// alpha), around the body's foot in units of its height. The optical depths of shadows that lie on each other add up,
/// so whose a contested effect is can be found by expectation maximisation: every effect is shared out in proportion to
/// what is expected of its claimants, then their expectations are the means of what they got. Shares that were wrong do
/// not recur beside the same body and fade.
class EffectPriorImpl : public torch::nn::Module {
 public:
  explicit EffectPriorImpl(int objects);

  /// Expected optical depth [S, 1, h, w] of every slot's effects: the pixels of `window` of a picture of `size`, of
  /// which a batch's maps may be a reduction. Slots without a body expect nothing.
  torch::Tensor expected(const Batch& batch, Size size, const Window& window) const;

  /// Sums of one round of expectation maximisation, [2, objects, 1, G, G]; they add up over frames and ranks.
  torch::Tensor empty_sums() const;
  /// Adds what the frames of a batch show, shared out by what is expected now.
  void add(const Batch& batch, torch::Tensor& sums) const;
  /// Ends a round. Objects that are seen little lean on the mean of all.
  void update(const torch::Tensor& sums);
  /// Starts from "the nearer, the likelier".
  void start();

 private:
  torch::Tensor depth_;  ///< [objects, 1, G, G]; rows go down, the foot is in the middle
};
TORCH_MODULE(EffectPrior);

/// Shares [S, 1, h, w] in [0, 1] of contested pixels by what is expected; those of a frame add up to 1 where
/// `contested` (any value above 0) names a claimant, and 0 elsewhere. What is unlikely counts as 0, so that many shares
/// are 0 or 1.
torch::Tensor prior_shares(const torch::Tensor& expected, const torch::Tensor& contested, const Batch& batch);

/// The same for two claimants alone: the share of the first.
torch::Tensor prior_share_of_two(const torch::Tensor& first, const torch::Tensor& second);

}  // namespace retime
