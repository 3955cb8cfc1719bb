#pragma once

#include <memory>

#include "dist/process_group.hpp"
#include "dist/torch.hpp"
#include "model/config/fit_options.hpp"

namespace retime {

/// Normalisation over [B, C, H, W] with a learnable scale and shift. Batch norms use the statistics of the batch
/// (sync_batch: of the batches of all ranks; a collective call) in training mode, running averages otherwise.
/// Statistics that no row counts in are the running averages.
class NormImpl : public torch::nn::Module {
 public:
  NormImpl(NormKind kind, int channels, std::shared_ptr<Collectives> collectives);
  /// `row_weight` [B] is 0 for rows that only fill a place and do not count in batch statistics, 1 for the others;
  /// undefined: all count.
  torch::Tensor forward(const torch::Tensor& input, const torch::Tensor& row_weight = {});
  /// With statistics of each row's channels taken elsewhere: `mean` and `variance` are [B, C].
  torch::Tensor forward_with(const torch::Tensor& input, const torch::Tensor& mean, const torch::Tensor& variance);
  /// From now on the running statistics are plain averages over the batches that follow, as rendering wants them.
  void restart_statistics();

 private:
  torch::Tensor forward_counted(const torch::Tensor& input, const torch::Tensor& row_weight);
  torch::Tensor sum_over_ranks(const torch::Tensor& values) const;
  double momentum();

  NormKind kind_;
  int groups_;
  std::shared_ptr<Collectives> collectives_;
  torch::Tensor weight_, bias_, running_mean_, running_var_;
  int averaged_batches_ = -1;
};
TORCH_MODULE(Norm);

}  // namespace retime
