#include "model/net/norm.hpp"

namespace retime {
namespace {

constexpr double kEpsilon = 1e-5;
constexpr double kMomentum = 0.1;

int group_count(NormKind kind, int channels) {
  if (kind == NormKind::kInstance) return channels;
  for (const int size : {8, 4, 2})
    if (channels % size == 0 && channels / size >= 2) return channels / size;
  return 1;
}

}  // namespace

NormImpl::NormImpl(NormKind kind, int channels, std::shared_ptr<Collectives> collectives)
    : kind_(kind), groups_(group_count(kind, channels)), collectives_(std::move(collectives)) {
  weight_ = register_parameter("weight", torch::ones({channels}));
  bias_ = register_parameter("bias", torch::zeros({channels}));
  if (is_batch_norm(kind)) {
    running_mean_ = register_buffer("running_mean", torch::zeros({channels}));
    running_var_ = register_buffer("running_var", torch::ones({channels}));
  }
}

void NormImpl::restart_statistics() { averaged_batches_ = 0; }

double NormImpl::momentum() { return averaged_batches_ < 0 ? kMomentum : 1.0 / ++averaged_batches_; }

torch::Tensor NormImpl::forward(const torch::Tensor& input, const torch::Tensor& row_weight) {
  if (!running_mean_.defined()) return torch::group_norm(input, groups_, weight_, bias_, kEpsilon);
  // One rank takes the way of many, not the fused one, which rounds differently: a fit does not depend on their number.
  const bool counts = kind_ == NormKind::kSyncBatch || row_weight.defined();
  if (is_training() && counts) return forward_counted(input, row_weight);
  return torch::batch_norm(input, weight_, bias_, running_mean_, running_var_, is_training(),
                           is_training() ? momentum() : 0.0, kEpsilon, true);
}

torch::Tensor NormImpl::forward_with(const torch::Tensor& input, const torch::Tensor& mean,
                                     const torch::Tensor& variance) {
  const auto scale = weight_ * torch::rsqrt(variance + kEpsilon);
  const auto shift = bias_ - mean * scale;
  return input * scale.unsqueeze(-1).unsqueeze(-1) + shift.unsqueeze(-1).unsqueeze(-1);
}

torch::Tensor NormImpl::sum_over_ranks(const torch::Tensor& values) const {
  return kind_ == NormKind::kSyncBatch && collectives_ ? collectives_->sum_with_grad(values) : values;
}

torch::Tensor NormImpl::forward_counted(const torch::Tensor& input, const torch::Tensor& row_weight) {
  const auto x = input.to(torch::kFloat);
  const auto rows = (row_weight.defined() ? row_weight.to(torch::kFloat) : x.new_ones({x.size(0)})).view({-1, 1, 1, 1});
  // Added up in double precision, so that the statistics do not depend on how ranks share the rows.
  const auto add_up = [&](const torch::Tensor& values) {
    return (values * rows).sum({0, 2, 3}, false, torch::kDouble);
  };
  const auto pixels = rows.sum(torch::kDouble).view({1}) * static_cast<double>(x.size(2) * x.size(3));
  const auto sums = sum_over_ranks(torch::cat({add_up(x), pixels}));
  const auto n = sums.slice(0, x.size(1)), divisor = n.clamp_min(1);
  const auto mean = torch::where(n > 0, (sums.slice(0, 0, x.size(1)) / divisor).to(torch::kFloat), running_mean_);
  // In a second pass: the mean of squares less the square of the mean would cancel where channels hardly vary.
  const auto centered = x - mean.view({1, -1, 1, 1});
  const auto squares = sum_over_ranks(add_up(centered.square()));
  const auto var = torch::where(n > 0, (squares / divisor).to(torch::kFloat), running_var_);
  {
    torch::NoGradGuard guard;
    const double m = momentum();
    // A step that is left out because it is not finite leaves no trace here either.
    const auto next_mean = running_mean_.lerp(mean.detach(), m);
    const auto next_var = running_var_.lerp(var.detach() * (divisor / (n - 1).clamp_min(1)).to(torch::kFloat), m);
    running_mean_.copy_(torch::where(next_mean.isfinite(), next_mean, running_mean_));
    running_var_.copy_(torch::where(next_var.isfinite(), next_var, running_var_));
  }
  const auto scale = weight_ * torch::rsqrt(var + kEpsilon);
  return (centered * scale.view({1, -1, 1, 1}) + bias_.view({1, -1, 1, 1})).to(input.scalar_type());
}

}  // namespace retime
