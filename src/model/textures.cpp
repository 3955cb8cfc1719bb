#include "model/textures.hpp"

#include <cmath>

namespace F = torch::nn::functional;

namespace retime {
namespace {

constexpr double kFaintWeight = 1e-3;

torch::Tensor bilinear(const torch::Tensor& texture, const torch::Tensor& grid) {
  return F::grid_sample(
      texture, grid,
      F::GridSampleFuncOptions().mode(torch::kBilinear).padding_mode(torch::kBorder).align_corners(true));
}

// Texels without weight take a little of that of their neighbours up to `reach` texels away.
torch::Tensor filled(const torch::Tensor& sums, int reach) {
  const auto mean = F::avg_pool2d(sums, F::AvgPool2dFuncOptions(2 * reach + 1).stride(1).padding(reach));
  return torch::where(sums.slice(1, 3, 4) > 0, sums, kFaintWeight * mean);
}

}  // namespace

ObjectTexturesImpl::ObjectTexturesImpl(int objects, int parts, int channels, int size)
    : parts_(parts),
      columns_(static_cast<int>(std::ceil(std::sqrt(parts)))),
      rows_((parts + columns_ - 1) / columns_),
      size_(size) {
  atlas_ = register_parameter("atlas", torch::randn({objects, channels, rows_ * size, columns_ * size}));
}

torch::Tensor ObjectTexturesImpl::sample(const torch::Tensor& object, const torch::Tensor& iuv) const {
  const auto part = iuv.select(1, 0);
  const auto x = texel_columns(iuv), y = texel_rows(iuv);
  const auto grid = torch::stack({x * (2.0 / (columns_ * size_ - 1)) - 1, y * (2.0 / (rows_ * size_ - 1)) - 1}, -1);
  return bilinear(atlas_.index_select(0, object), grid) * (part > 0).unsqueeze(1);
}

// Texel centres of a tile run from 0 to size - 1, so U and V in [0, 1] never leave it.
torch::Tensor ObjectTexturesImpl::texel_columns(const torch::Tensor& iuv) const {
  const auto tile = (iuv.select(1, 0) - 1).clamp_min(0);
  return (tile - torch::floor(tile / columns_) * columns_) * size_ + iuv.select(1, 1).clamp(0, 1) * (size_ - 1);
}

torch::Tensor ObjectTexturesImpl::texel_rows(const torch::Tensor& iuv) const {
  const auto tile = (iuv.select(1, 0) - 1).clamp_min(0);
  return torch::floor(tile / columns_) * size_ + iuv.select(1, 2).clamp(0, 1) * (size_ - 1);
}

torch::Tensor ObjectTexturesImpl::empty_sums() const {
  return torch::zeros({atlas_.size(0), 4, atlas_.size(2), atlas_.size(3)}, atlas_.options().requires_grad(false));
}

void ObjectTexturesImpl::splat(torch::Tensor& sums, const torch::Tensor& object, const torch::Tensor& iuv,
                               const torch::Tensor& colors, const torch::Tensor& weight) const {
  const torch::NoGradGuard guard;
  const auto share = weight * (iuv.slice(1, 0, 1) > 0);
  const auto values = torch::cat({colors * share, share}, 1).permute({0, 2, 3, 1}).reshape({-1, 4});
  const auto place = object.view({-1, 1, 1}) * (sums.size(2) * sums.size(3)) +
                     torch::round(texel_rows(iuv)).to(torch::kLong) * sums.size(3) +
                     torch::round(texel_columns(iuv)).to(torch::kLong);
  auto flat = torch::zeros({sums.size(0) * sums.size(2) * sums.size(3), 4}, sums.options());
  flat.index_add_(0, place.reshape({-1}), values);
  sums += flat.view({sums.size(0), sums.size(2), sums.size(3), 4}).permute({0, 3, 1, 2});
}

void ObjectTexturesImpl::set_colors(const torch::Tensor& sums) {
  const torch::NoGradGuard guard;
  const auto channels = std::min<std::int64_t>(3, atlas_.size(1));
  const auto whole = sums.sum({2, 3}, true);
  for (int tile = 0; tile < parts_; ++tile) {
    const auto row = tile / columns_ * size_, column = tile % columns_ * size_;
    auto texels = sums.slice(2, row, row + size_).slice(3, column, column + size_);
    for (int reach = 1; reach < size_; reach *= 2) texels = filled(texels, reach);
    texels = texels + kFaintWeight * whole / whole.slice(1, 3, 4).clamp_min(1);
    const auto color = texels.slice(1, 0, 3) / texels.slice(1, 3, 4).clamp_min(kFaintWeight * kFaintWeight);
    atlas_.slice(1, 0, channels)
        .slice(2, row, row + size_)
        .slice(3, column, column + size_)
        .copy_(color.slice(1, 0, channels));
  }
}

BackgroundTextureImpl::BackgroundTextureImpl(int channels, int size) {
  texture_ = register_parameter("texture", torch::randn({1, channels, size, size}));
}

torch::Tensor BackgroundTextureImpl::sample(const torch::Tensor& grid) const {
  return bilinear(texture_.expand({grid.size(0), -1, -1, -1}), grid);
}

}  // namespace retime
