#include "model/net/textures.hpp"

#include <torch/nn/functional/pooling.h>
#include <torch/nn/functional/vision.h>

#include <cmath>

namespace F = torch::nn::functional;

namespace retime {
namespace {

constexpr int kColors = 3;
constexpr double kQuiet = 0.1;  // of the random start, next to seen colours: texels that are never trained stay quiet
constexpr double kNeighbourShare = 0.25;
constexpr double kLeastWeight = 1e-6;

torch::Tensor bilinear(const torch::Tensor& texture, const torch::Tensor& grid) {
  return F::grid_sample(
      texture, grid,
      F::GridSampleFuncOptions().mode(torch::kBilinear).padding_mode(torch::kBorder).align_corners(true));
}

// The sums of the texels up to `reach` texels away. (A mean, times their number.)
torch::Tensor around(const torch::Tensor& sums, int reach) {
  const int side = 2 * reach + 1;
  return F::avg_pool2d(sums, F::AvgPool2dFuncOptions(side).stride(1).padding(reach)) * (side * side);
}

// Colours of a tile from its sums: seldom seen texels lean on those next to them, others without any take the colour
// that is nearest, or `otherwise` ([.., 4, 1, 1], sums).
torch::Tensor tile_colors(const torch::Tensor& sums, const torch::Tensor& otherwise) {
  auto texels = sums + kNeighbourShare * around(sums, 1);
  for (std::int64_t reach = 2; reach < sums.size(2); reach *= 2)
    texels = torch::where(texels.slice(1, 3, 4) > 0, texels, around(texels, static_cast<int>(reach)));
  texels = torch::where(texels.slice(1, 3, 4) > 0, texels, otherwise);
  return texels.slice(1, 0, 3) / texels.slice(1, 3, 4).clamp_min(kLeastWeight);
}

}  // namespace

ObjectTexturesImpl::ObjectTexturesImpl(int objects, int parts, int channels, int size, bool keeps_seen)
    : parts_(parts),
      columns_(static_cast<int>(std::ceil(std::sqrt(parts)))),
      rows_((parts + columns_ - 1) / columns_),
      size_(size) {
  atlas_ = register_parameter("atlas", torch::randn({objects, channels, rows_ * size, columns_ * size}));
  if (keeps_seen) seen_ = register_buffer("seen", torch::zeros({objects, kColors, rows_ * size, columns_ * size}));
}

torch::Tensor ObjectTexturesImpl::sample(const torch::Tensor& object, const torch::Tensor& iuv) const {
  return sample_from(atlas_, object, iuv);
}

torch::Tensor ObjectTexturesImpl::seen(const torch::Tensor& object, const torch::Tensor& iuv) const {
  return sample_from(seen_, object, iuv);
}

torch::Tensor ObjectTexturesImpl::sample_from(const torch::Tensor& atlas, const torch::Tensor& object,
                                              const torch::Tensor& iuv) const {
  const auto part = iuv.select(1, 0);
  const auto x = texel_columns(iuv), y = texel_rows(iuv);
  const auto grid = torch::stack({x * (2.0 / (columns_ * size_ - 1)) - 1, y * (2.0 / (rows_ * size_ - 1)) - 1}, -1);
  return bilinear(atlas.index_select(0, object), grid) * (part > 0).unsqueeze(1);
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
  const auto channels = std::min<std::int64_t>(kColors, atlas_.size(1));
  const auto whole = sums.sum({2, 3}, true);
  if (seen_.defined()) atlas_.mul_(kQuiet);
  for (int tile = 0; tile < parts_; ++tile) {
    const auto row = tile / columns_ * size_, column = tile % columns_ * size_;
    const auto tile_of = [&](const torch::Tensor& atlas) {
      return atlas.slice(2, row, row + size_).slice(3, column, column + size_);
    };
    const auto color = tile_colors(tile_of(sums), whole);
    tile_of(atlas_).slice(1, 0, channels).copy_(color.slice(1, 0, channels));
    if (seen_.defined()) tile_of(seen_).copy_(color);
  }
}

BackgroundTextureImpl::BackgroundTextureImpl(int channels, int size) {
  texture_ = register_parameter("texture", torch::randn({1, channels, size, size}));
}

torch::Tensor BackgroundTextureImpl::sample(const torch::Tensor& grid) const {
  return bilinear(texture_.expand({grid.size(0), -1, -1, -1}), grid);
}

}  // namespace retime
