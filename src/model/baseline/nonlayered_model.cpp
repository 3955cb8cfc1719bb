#include "model/baseline/nonlayered_model.hpp"

#include <torch/nn/functional/vision.h>

#include <algorithm>

#include "model/layers/composite.hpp"
#include "model/net/autocast.hpp"

namespace F = torch::nn::functional;

namespace retime {
namespace {

torch::Tensor body_of(const torch::Tensor& iuv) { return (iuv.slice(1, 0, 1) > 0).to(torch::kFloat); }

// Takes x and y from a rectangle [left, right] x [top, bottom] to [-1, 1].
torch::Tensor unit_from(const std::array<double, 4>& bounds) {
  const auto& [left, right, top, bottom] = bounds;
  const double x = 2 / (right - left), y = 2 / (bottom - top);
  return torch::tensor({x, 0.0, -left * x - 1, 0.0, y, -top * y - 1, 0.0, 0.0, 1.0}, torch::kDouble).view({3, 3});
}

torch::Tensor unit_from_pixels(Size size) { return unit_from({-0.5, size.width - 0.5, -0.5, size.height - 0.5}); }

// Points [B, H, W, 2] under homographies [B, 3, 3].
torch::Tensor projected(const torch::Tensor& grid, const torch::Tensor& matrices) {
  const auto points = torch::cat({grid, torch::ones_like(grid.slice(-1, 0, 1))}, -1).flatten(1, 2);
  const auto images = torch::bmm(points, matrices.transpose(1, 2));
  return (images.slice(-1, 0, 2) / images.slice(-1, 2, 3)).view_as(grid);
}

}  // namespace

torch::Tensor moved_map(const torch::Tensor& map, const Homography& source_from_frame) {
  const auto unit = unit_from_pixels({static_cast<int>(map.size(3)), static_cast<int>(map.size(2))});
  const auto pixels = torch::from_blob(const_cast<double*>(source_from_frame.data()), {3, 3}, torch::kDouble);
  const auto matrix = torch::matmul(torch::matmul(unit, pixels), torch::linalg_inv(unit)).unsqueeze(0);
  const auto theta = torch::eye(2, 3, map.options()).unsqueeze(0);
  const auto grid = F::affine_grid(theta, {1, 1, map.size(2), map.size(3)}, /*align_corners=*/false);
  return F::grid_sample(map, projected(grid, matrix.to(map.options())),
                        F::GridSampleFuncOptions().mode(torch::kNearest).align_corners(false));
}

torch::Tensor visible_share(const Batch& batch) {
  const auto clear = 1 - stack_layers(body_of(batch.iuv), batch);  // [B, N, 1, H, W]
  const auto nearer = torch::cat({clear.slice(1, 1), torch::ones_like(clear.slice(1, 0, 1))}, 1);
  const auto visible = nearer.flip(1).cumprod(1).flip(1).flatten(0, 1);
  return torch::cat({visible, torch::zeros_like(visible.slice(0, 0, 1))}).index_select(0, batch.slot_place);
}

NonlayeredModelImpl::NonlayeredModelImpl(const ModelOptions& options, const ModelScene& scene) : options_(options) {
  const int channels = options.texture_channels;
  unit_from_plane_ = register_buffer("unit_from_plane", unit_from(scene.bounds));
  pixels_from_unit_ = register_buffer("pixels_from_unit", torch::linalg_inv(unit_from_pixels(scene.size)));
  textures_ = register_module("textures", ObjectTextures(scene.objects, scene.parts, channels, options.texture_size));
  background_texture_ = register_module("background", BackgroundTexture(channels, options.background_texture_size));
  renderer_ = register_module("renderer", UNet(options, channels + (options.object_id ? 1 : 0), 3, nullptr));
}

void NonlayeredModelImpl::set_background_colors(const torch::Tensor& picture) {
  const torch::NoGradGuard guard;
  auto texture = background_texture_->named_parameters()["texture"];
  const auto channels = std::min<std::int64_t>(3, texture.size(1));
  const auto colors = torch::adaptive_avg_pool2d(picture, {texture.size(2), texture.size(3)});
  texture.slice(1, 0, channels).copy_(colors.slice(1, 0, channels));
}

// Texture, object number if the renderer is told, and body: [S, C + 1, H, W].
torch::Tensor NonlayeredModelImpl::object_texels(const torch::Tensor& object, const torch::Tensor& iuv) {
  const auto body = body_of(iuv);
  std::vector<torch::Tensor> channels{textures_->sample(object, iuv)};
  if (options_.object_id) channels.push_back(body * (object + 1).view({-1, 1, 1, 1}));
  channels.push_back(body);
  return torch::cat(channels, 1);
}

torch::Tensor NonlayeredModelImpl::background_texels(const Batch& batch) {
  auto grid = batch.grid;
  if (batch.plane_from_frame.defined()) {
    const auto plane = batch.plane_from_frame.to(torch::kDouble);
    const auto matrices = torch::matmul(torch::matmul(unit_from_plane_, plane), pixels_from_unit_);
    grid = projected(grid, matrices.to(grid.options()));
  }
  const auto texels = background_texture_->sample(grid);
  return options_.object_id ? torch::cat({texels, torch::zeros_like(texels.slice(1, 0, 1))}, 1) : texels;
}

torch::Tensor NonlayeredModelImpl::run_renderer(const torch::Tensor& texels, const torch::Tensor& row_weight,
                                                bool bf16) {
  const Autocast autocast(bf16, texels.device().type());
  return renderer_(texels.contiguous(torch::MemoryFormat::ChannelsLast), row_weight).to(torch::kFloat).tanh();
}

torch::Tensor NonlayeredModelImpl::forward(const Batch& batch, bool bf16) {
  const auto layers = stack_layers(object_texels(batch.slot_object, batch.iuv), batch);
  const auto row_weight = batch.padded ? batch.frame_weight : torch::Tensor();
  return run_renderer(over(background_texels(batch), layers), row_weight, bf16);
}

torch::Tensor NonlayeredModelImpl::render(const Batch& frame, const PlacedObjects& objects) {
  auto texels = background_texels(frame);
  if (objects.object.size(0) > 0) {
    auto layers = object_texels(objects.object, objects.iuv);
    layers.slice(1, -1) *= objects.opacity.view({-1, 1, 1, 1});
    texels = over(texels, layers.unsqueeze(0));
  }
  return run_renderer(texels, {}, false);
}

}  // namespace retime
