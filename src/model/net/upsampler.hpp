#pragma once

#include <torch/nn/modules/conv.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dist/torch.hpp"
#include "model/config/render_options.hpp"
#include "model/net/norm.hpp"

namespace retime {

/// Statistics of the rows of a batch at one norm.
struct RowStatistics {
  torch::Tensor mean, variance;  ///< [R, C]
};

/// The upsampling network ([0063], [0097]): a 3x3 convolution with norm and ReLU, three residual blocks (convolution,
/// norm, ReLU, convolution, norm), a 3x3 convolution to a residual of RGBA. It ends in zeros before it is trained.
///
/// Published with instance norm, which sees other statistics in a training window than in a whole layer and others
/// again in each tile. Norm `frozen` has statistics over the batches of all ranks while `train()` is on, and constants
/// afterwards: the fit turns them off half way, so that the network that is trained to the end is the one that
/// renders, at any place and in any window. Norm `instance` is the published one: of each window in training, of the
/// whole layer in rendering, where LayerUpsampler gathers the statistics tile by tile.
class UpsamplerImpl : public torch::nn::Module {
 public:
  static constexpr int kRadius = 8;  ///< pixels of the input that a pixel of the output sees to each side
  static constexpr int kNorms = 7;

  UpsamplerImpl(const UpsampleOptions& options, int in_channels, std::shared_ptr<Collectives> collectives);

  /// `input` is [R, in_channels, h, w]; rows of `row_weight` 0 do not count in statistics. Returns [R, 4, h, w].
  /// This call is MPI collective with norm `frozen` in training mode.
  torch::Tensor forward(const torch::Tensor& input, const torch::Tensor& row_weight = {});
  /// The same with the statistics of the first norms given, one entry a norm. With fewer entries than there are norms
  /// it ends early and returns what the next norm sees, [R, width, h, w].
  torch::Tensor forward_with(const torch::Tensor& input, const std::vector<RowStatistics>& statistics);

  /// Whether a row's statistics are those of its own pixels.
  bool has_instance_norm() const { return instance_norm_; }

 private:
  using Normalise = std::function<torch::Tensor(std::size_t norm, const torch::Tensor& values)>;
  torch::nn::Conv2d add_conv(int in, int out, bool bias);
  torch::Tensor run(const torch::Tensor& input, const Normalise& normalise, std::size_t stop_before);

  bool instance_norm_;
  double residual_scale_;
  std::vector<torch::nn::Conv2d> convs_;
  std::vector<Norm> norms_;
};
TORCH_MODULE(Upsampler);

}  // namespace retime
