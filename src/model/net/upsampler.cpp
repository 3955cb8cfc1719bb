#include "model/net/upsampler.hpp"

namespace retime {
namespace {

constexpr std::size_t kAll = UpsamplerImpl::kNorms;

}  // namespace

UpsamplerImpl::UpsamplerImpl(const UpsampleOptions& options, int in_channels, std::shared_ptr<Collectives> collectives)
    : instance_norm_(options.norm == UpsampleNorm::kInstance), residual_scale_(options.residual_scale) {
  const auto kind = instance_norm_ ? NormKind::kInstance : NormKind::kSyncBatch;
  for (int i = 0; i < kNorms; ++i) {
    // A bias before a norm has no gradient but rounding, of which Adam makes steps that a frozen norm would show.
    convs_.push_back(add_conv(i == 0 ? in_channels : options.width, options.width, false));
    norms_.push_back(register_module("norm" + std::to_string(i + 1), Norm(kind, options.width, collectives)));
  }
  convs_.push_back(add_conv(options.width, 4, true));
  torch::NoGradGuard guard;
  convs_.back()->weight.zero_();
  convs_.back()->bias.zero_();
}

torch::nn::Conv2d UpsamplerImpl::add_conv(int in, int out, bool bias) {
  return register_module("conv" + std::to_string(convs_.size() + 1),
                         torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, 3).padding(1).bias(bias)));
}

torch::Tensor UpsamplerImpl::run(const torch::Tensor& input, const Normalise& normalise, std::size_t stop_before) {
  auto x = convs_[0](input);
  if (stop_before == 0) return x;
  x = torch::relu(normalise(0, x));
  for (std::size_t i = 1; i < kAll; i += 2) {
    auto y = convs_[i](x);
    if (stop_before == i) return y;
    y = convs_[i + 1](torch::relu(normalise(i, y)));
    if (stop_before == i + 1) return y;
    x = x + normalise(i + 1, y);
  }
  return convs_[kAll](x) * residual_scale_;
}

torch::Tensor UpsamplerImpl::forward(const torch::Tensor& input, const torch::Tensor& row_weight) {
  return run(
      input, [&](std::size_t i, const torch::Tensor& x) { return norms_[i](x, row_weight); }, kAll);
}

torch::Tensor UpsamplerImpl::forward_with(const torch::Tensor& input, const std::vector<RowStatistics>& statistics) {
  const auto normalise = [&](std::size_t i, const torch::Tensor& x) {
    return norms_[i]->forward_with(x, statistics.at(i).mean, statistics.at(i).variance);
  };
  return run(input, normalise, statistics.size());  // with all of them to the end
}

}  // namespace retime
