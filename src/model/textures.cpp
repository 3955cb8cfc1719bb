#include "model/textures.hpp"

#include <cmath>

namespace F = torch::nn::functional;

namespace retime {
namespace {

torch::Tensor bilinear(const torch::Tensor& texture, const torch::Tensor& grid) {
  return F::grid_sample(
      texture, grid,
      F::GridSampleFuncOptions().mode(torch::kBilinear).padding_mode(torch::kBorder).align_corners(true));
}

}  // namespace

ObjectTexturesImpl::ObjectTexturesImpl(int objects, int parts, int channels, int size)
    : columns_(static_cast<int>(std::ceil(std::sqrt(parts)))), rows_((parts + columns_ - 1) / columns_), size_(size) {
  atlas_ = register_parameter("atlas", torch::randn({objects, channels, rows_ * size, columns_ * size}));
}

torch::Tensor ObjectTexturesImpl::sample(const torch::Tensor& object, const torch::Tensor& iuv) {
  const auto part = iuv.select(1, 0);
  const auto tile = (part - 1).clamp_min(0);
  const auto row = torch::floor(tile / columns_), column = tile - row * columns_;
  // Texel centres of a tile run from 0 to size - 1, so U and V in [0, 1] never leave it.
  const auto x = column * size_ + iuv.select(1, 1).clamp(0, 1) * (size_ - 1);
  const auto y = row * size_ + iuv.select(1, 2).clamp(0, 1) * (size_ - 1);
  const auto grid = torch::stack({x * (2.0 / (columns_ * size_ - 1)) - 1, y * (2.0 / (rows_ * size_ - 1)) - 1}, -1);
  return bilinear(atlas_.index_select(0, object), grid) * (part > 0).unsqueeze(1);
}

BackgroundTextureImpl::BackgroundTextureImpl(int channels, int size) {
  texture_ = register_parameter("texture", torch::randn({1, channels, size, size}));
}

torch::Tensor BackgroundTextureImpl::sample(const torch::Tensor& grid) {
  return bilinear(texture_.expand({grid.size(0), -1, -1, -1}), grid);
}

}  // namespace retime
