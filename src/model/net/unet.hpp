#pragma once

#include <torch/nn/modules/conv.h>

#include <memory>
#include <vector>

#include "dist/torch.hpp"
#include "model/config/fit_options.hpp"
#include "model/net/norm.hpp"

namespace retime {

/// What the U-Net computes.
struct UNetOutput {
  torch::Tensor output;    ///< [B, out_channels, H, W], before its tanh
  torch::Tensor features;  ///< [B, width, H, W], what the output convolution reads
};

/// The renderer's U-Net (method of Lu et al. 2020, paragraphs [0095-0096] of the patent application): five 4x4
/// convolutions of stride 2, two in the middle, five transposed ones with skips, and an output convolution. All 'same'
/// padding, leaky ReLU of slope 0.2 on the way down, ReLU on the way up.
class UNetImpl : public torch::nn::Module {
 public:
  UNetImpl(const ModelOptions& options, int in_channels, int out_channels, std::shared_ptr<Collectives> collectives);

  /// Other norms than group take the mean of every channel away: a bias before one has no effect and no gradient but
  /// rounding, of which Adam would make steps. Such biases do not learn from now on.
  void freeze_biases_without_effect();

  /// `input` is [B, C, H, W] of any H and W (padded to multiples of 32 inside); `row_weight` is for the norms.
  UNetOutput forward_with_features(const torch::Tensor& input, const torch::Tensor& row_weight = {});
  /// The output alone.
  torch::Tensor forward(const torch::Tensor& input, const torch::Tensor& row_weight = {});

 private:
  torch::nn::Conv2d add_conv(const std::string& name, int in, int out, int stride, int dilation);
  Norm add_norm(const std::string& name, int channels);
  void add_encoder(int in_channels);
  void add_decoder(int out_channels);
  torch::Tensor output(const torch::Tensor& features);

  ModelOptions options_;
  std::shared_ptr<Collectives> collectives_;
  std::vector<torch::nn::Conv2d> encoder_, bottleneck_;
  std::vector<Norm> encoder_norms_, bottleneck_norms_, decoder_norms_;
  std::vector<torch::nn::ConvTranspose2d> decoder_;
  torch::nn::Conv2d out_conv_{nullptr};
  torch::nn::ConvTranspose2d out_transpose_{nullptr};
};
TORCH_MODULE(UNet);

}  // namespace retime
