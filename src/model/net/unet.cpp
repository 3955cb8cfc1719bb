#include "model/net/unet.hpp"

#include <torch/nn/functional/padding.h>

namespace F = torch::nn::functional;

namespace retime {
namespace {

constexpr double kSlope = 0.2;
constexpr int kMultiple = 32;  // five halvings

// Output channels of e1..e5 in units of the width.
constexpr int kEncoderWidths[] = {1, 2, 4, 4, 4};
// Output channels of d1..d5; d_k reads its predecessor and the skip e_(6-k).
constexpr int kDecoderWidths[] = {4, 4, 2, 1, 1};

torch::Tensor leaky(const torch::Tensor& x) { return torch::leaky_relu(x, kSlope); }

// A 4x4 kernel of stride 1 needs 3 * dilation rows of padding in all, which is odd: one more below and to the right.
torch::Tensor pad_same(const torch::Tensor& x, int dilation) {
  const int total = 3 * dilation, before = total / 2;
  return F::pad(x, F::PadFuncOptions({before, total - before, before, total - before}));
}

std::string numbered(char prefix, int number) { return std::string(1, prefix).append(std::to_string(number)); }

}  // namespace

UNetImpl::UNetImpl(const ModelOptions& options, int in_channels, int out_channels,
                   std::shared_ptr<Collectives> collectives)
    : options_(options), collectives_(std::move(collectives)) {
  add_encoder(in_channels);
  add_decoder(out_channels);
}

void UNetImpl::freeze_biases_without_effect() {
  if (options_.norm == NormKind::kGroup) return;
  for (auto& item : named_parameters()) {
    const auto& name = item.key();
    const bool has_effect = name.find("_norm.") != std::string::npos || name == "e1.bias" || name == "out.bias";
    if (name.ends_with(".bias") && !has_effect) item.value().requires_grad_(false);
  }
}

torch::nn::Conv2d UNetImpl::add_conv(const std::string& name, int in, int out, int stride, int dilation) {
  const int padding = stride == 2 ? 1 : 0;
  return register_module(
      name, torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, 4).stride(stride).padding(padding).dilation(dilation)));
}

Norm UNetImpl::add_norm(const std::string& name, int channels) {
  return register_module(name, Norm(options_.norm, channels, collectives_));
}

void UNetImpl::add_encoder(int in_channels) {
  const int w = options_.width;
  for (int i = 0; i < 5; ++i) {
    const std::string name = numbered('e', i + 1);
    const int in = i == 0 ? in_channels : w * kEncoderWidths[i - 1];
    encoder_.push_back(add_conv(name, in, w * kEncoderWidths[i], 2, 1));
    if (i > 0) encoder_norms_.push_back(add_norm(name + "_norm", w * kEncoderWidths[i]));
  }
  for (int i = 0; i < 2; ++i) {
    const std::string name = numbered('b', i + 1);
    bottleneck_.push_back(add_conv(name, 4 * w, 4 * w, 1, options_.bottleneck_dilation));
    bottleneck_norms_.push_back(add_norm(name + "_norm", 4 * w));
  }
}

void UNetImpl::add_decoder(int out_channels) {
  const int w = options_.width;
  for (int i = 0; i < 5; ++i) {
    const std::string name = numbered('d', i + 1);
    const int in = w * ((i == 0 ? 4 : kDecoderWidths[i - 1]) + kEncoderWidths[4 - i]);
    const auto shape = torch::nn::ConvTranspose2dOptions(in, w * kDecoderWidths[i], 4).stride(2).padding(1);
    decoder_.push_back(register_module(name, torch::nn::ConvTranspose2d(shape)));
    decoder_norms_.push_back(add_norm(name + "_norm", w * kDecoderWidths[i]));
  }
  if (options_.output_convolution == OutputConvolution::kTranspose)
    out_transpose_ = register_module(
        "out", torch::nn::ConvTranspose2d(torch::nn::ConvTranspose2dOptions(w, out_channels, 4).stride(1)));
  else
    out_conv_ = add_conv("out", w, out_channels, 1, 1);
}

torch::Tensor UNetImpl::forward(const torch::Tensor& input, const torch::Tensor& row_weight) {
  return forward_with_features(input, row_weight).output;
}

UNetOutput UNetImpl::forward_with_features(const torch::Tensor& input, const torch::Tensor& row_weight) {
  const auto height = input.size(2), width = input.size(3);
  const auto below = (kMultiple - height % kMultiple) % kMultiple, right = (kMultiple - width % kMultiple) % kMultiple;
  torch::Tensor x = input;
  if (below || right) x = F::pad(x, F::PadFuncOptions({0, right, 0, below}).mode(torch::kReplicate));

  std::vector<torch::Tensor> skips;
  for (std::size_t i = 0; i < encoder_.size(); ++i) {
    x = encoder_[i](x);
    if (i > 0) x = encoder_norms_[i - 1](x, row_weight);
    x = i == 0 && options_.first_activation == FirstActivation::kRelu ? torch::relu(x) : leaky(x);
    skips.push_back(x);
  }
  for (std::size_t i = 0; i < bottleneck_.size(); ++i)
    x = leaky(bottleneck_norms_[i](bottleneck_[i](pad_same(x, options_.bottleneck_dilation)), row_weight));
  for (std::size_t i = 0; i < decoder_.size(); ++i)
    x = torch::relu(decoder_norms_[i](decoder_[i](torch::cat({x, skips[4 - i]}, 1)), row_weight));
  const auto uncovered = [&](const torch::Tensor& padded) { return padded.slice(2, 0, height).slice(3, 0, width); };
  return {uncovered(output(x)), uncovered(x)};
}

torch::Tensor UNetImpl::output(const torch::Tensor& features) {
  if (out_conv_) return out_conv_(pad_same(features, 1));
  // The transposed convolution grows its input by 3; the rows that 'same' padding leaves out are cut.
  return out_transpose_(features).slice(2, 1, features.size(2) + 1).slice(3, 1, features.size(3) + 1);
}

}  // namespace retime
