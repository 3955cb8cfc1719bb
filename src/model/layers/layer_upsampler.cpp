#include "model/layers/layer_upsampler.hpp"

namespace retime {
namespace {

constexpr int kRadius = UpsamplerImpl::kRadius;

// Mean and variance over pixels that arrive in parts (Chan, Golub, LeVeque 1979), in double precision.
class RunningStatistics {
 public:
  // `values` is [R, C, h, w].
  void add(const torch::Tensor& values) {
    const auto pixels = values.to(torch::kDouble).flatten(2);
    const double added = static_cast<double>(pixels.size(2)), total = count_ + added;
    const auto mean = pixels.mean(2);
    const auto squares = (pixels - mean.unsqueeze(2)).square().sum(2);
    if (!mean_.defined()) mean_ = torch::zeros_like(mean), squares_ = torch::zeros_like(mean);
    const auto shift = mean - mean_;
    squares_ = squares_ + squares + shift.square() * (count_ * added / total);
    mean_ = mean_ + shift * (added / total);
    count_ = total;
  }
  RowStatistics result() const { return {mean_.to(torch::kFloat), (squares_ / count_).to(torch::kFloat)}; }

 private:
  double count_ = 0;
  torch::Tensor mean_, squares_;
};

}  // namespace

torch::Tensor before_doubling(FrameLayers& frame, int scale, const Window& window, const Patch& changes) {
  const auto layers = frame.enlarged(scale, window);
  if (!changes.pixels.defined()) return layers;
  return (layers + enlarge(changes, frame.size(scale / 2), 2, window)).clamp(-1, 1);
}

LayerUpsampler::LayerUpsampler(Upsampler network, int tile) : network_(std::move(network)), tile_(tile) {
  network_->eval();
}

torch::Tensor LayerUpsampler::upsample(FrameLayers& frame) {
  Patch changes;
  for (int scale = 2;; scale *= 2) {
    auto layers = doubled(frame, scale, changes);
    if (scale == frame.full_scale()) return layers;
    const auto all = whole(frame.size(scale));
    changes = {layers - frame.enlarged(scale, all), all};
  }
}

torch::Tensor LayerUpsampler::doubled(FrameLayers& frame, int scale, const Patch& changes) {
  const Size size = frame.size(scale);
  const auto tiles = tiles_of(size, tile_);
  const bool gathers = network_->has_instance_norm() && tiles.size() > 1;
  const auto statistics = gathers ? layer_statistics(frame, scale, changes) : std::vector<RowStatistics>{};
  auto result = torch::empty({frame.rows(), 4, size.height, size.width}, frame.row_weight().options());
  for (const auto& tile : tiles) {
    const auto window = grown(tile, kRadius, size);
    const auto layers = before_doubling(frame, scale, window, changes);
    const auto input = frame.network_input(scale, window, layers);
    const auto residual = gathers ? network_->forward_with(input, statistics) : network_->forward(input);
    cut({result, whole(size)}, tile).copy_(cut({(layers + residual).clamp(-1, 1), window}, tile));
  }
  return result;
}

std::vector<RowStatistics> LayerUpsampler::layer_statistics(FrameLayers& frame, int scale, const Patch& changes) {
  const Size size = frame.size(scale);
  std::vector<RowStatistics> statistics;
  while (statistics.size() < UpsamplerImpl::kNorms) {
    RunningStatistics values;
    for (const auto& tile : tiles_of(size, tile_)) {
      const auto window = grown(tile, kRadius, size);
      const auto input = frame.network_input(scale, window, before_doubling(frame, scale, window, changes));
      values.add(cut({network_->forward_with(input, statistics), window}, tile));
    }
    statistics.push_back(values.result());
  }
  return statistics;
}

}  // namespace retime
