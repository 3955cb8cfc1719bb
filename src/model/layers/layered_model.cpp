#include "model/layers/layered_model.hpp"

#include <torch/nn/functional/pooling.h>
#include <torch/nn/functional/upsampling.h>
#include <torch/nn/functional/vision.h>

#include <numbers>

#include "core/error.hpp"
#include "model/net/autocast.hpp"
#include "model/net/norm.hpp"

namespace F = torch::nn::functional;

namespace retime {
namespace {

// Alphas and colours of a matte are kept this far from -1 and 1 before the inverse tanh.
constexpr double kAlphaMargin = 0.004;
constexpr double kColorMargin = 0.01;
// Below this alpha the colour of a matte says little and gives way to the network's.
constexpr double kTrustedAlpha = 0.05;
constexpr int kColors = 3;
constexpr int kModeHeight = 9, kModeWidth = 16;  // of the pictures that the background's change is made of

torch::Tensor inverse_tanh(const torch::Tensor& value, double margin) {
  return torch::atanh((2 * value - 1).clamp(-1 + margin, 1 - margin));
}

torch::Tensor spread(const torch::Tensor& grid, std::int64_t height, std::int64_t width) {
  return F::interpolate(grid, F::InterpolateFuncOptions()
                                  .size(std::vector<std::int64_t>{height, width})
                                  .mode(torch::kBicubic)
                                  .align_corners(false));
}

// Pixel centres of the whole picture, x and y in [-1, 1].
torch::Tensor whole_grid(const torch::Tensor& like, std::int64_t count, Size size) {
  const auto theta = torch::eye(2, 3, like.options());
  return F::affine_grid(theta.expand({count, 2, 3}), {count, 1, size.height, size.width}, false);
}

torch::Tensor resampled(const torch::Tensor& picture, const torch::Tensor& grid, bool cubic = false) {
  auto options = F::GridSampleFuncOptions().padding_mode(torch::kBorder).align_corners(false);
  if (cubic) options.mode(torch::kBicubic);
  return F::grid_sample(picture, grid, options);
}

}  // namespace

torch::Tensor lit_plate(const torch::Tensor& picture, const Batch& batch) {
  return picture * batch.gain + spread(batch.offset, picture.size(2), picture.size(3));
}

torch::Tensor activate_layers(const torch::Tensor& logits, const torch::Tensor& matte) {
  torch::Tensor z = logits;
  if (matte.defined()) {
    const auto alpha = matte.slice(1, 3, 4);
    const auto color = matte.slice(1, 0, 3) / alpha.clamp_min(1e-3);
    const auto trust = (alpha / kTrustedAlpha).clamp_max(1);
    z = z + torch::cat({inverse_tanh(color, kColorMargin) * trust, inverse_tanh(alpha, kAlphaMargin)}, 1);
  }
  const auto y = torch::tanh(z);
  return torch::cat({y.slice(1, 0, 3), (y.slice(1, 3, 4) + 1) / 2}, 1);
}

ModelScene model_scene(const SceneReader& scene, const ModelOptions& options) {
  ModelScene result;
  result.objects = scene.info().object_count();
  result.parts = scene.info().parts;
  if (scene.info().has_camera) result.bounds = scene.read_camera().bounds;
  result.size = scene.info().size;
  result.plate_scale = scene.info().full_size().height / scene.info().size.height;
  if (options.background == BackgroundKind::kPlate) result.plate = read_plate_tensor(scene);
  return result;
}

LayeredModelImpl::LayeredModelImpl(const ModelOptions& options, const ModelScene& scene,
                                   std::shared_ptr<Collectives> collectives)
    : options_(options), scene_(scene) {
  textures_ =
      register_module("textures", ObjectTextures(scene.objects, scene.parts, options.texture_channels,
                                                 options.texture_size, completes() && options.observed_textures));
  int channels = options.texture_channels + (options.object_id ? 1 : 0);
  if (options.background == BackgroundKind::kPlate) {
    if (!scene.plate.defined())
      throw Error(
          "the scene has no plate (an older `retime` prepared it, or another program): prepare it again, or use "
          "--background neural");
    plate_ = register_parameter("plate", scene.plate.clone());
    channels += 4;                    // body and plate
    if (corrects()) channels += 4;    // matte
    if (completes()) channels += 11;  // CompletionInput
  } else {
    background_texture_ =
        register_module("background", BackgroundTexture(options.texture_channels, options.background_texture_size));
  }
  if (completes()) effects_ = register_module("effects", EffectPrior(scene.objects));
  if (options.background_modes > 0)
    modes_ =
        register_parameter("background_modes", torch::zeros({1, options.background_modes, 3, kModeHeight, kModeWidth}));
  renderer_ = register_module("renderer", UNet(options, channels, completes() ? 5 : 4, std::move(collectives)));
  renderer_->freeze_biases_without_effect();
  if (corrects()) {
    torch::NoGradGuard guard;  // The fit starts from the mattes.
    for (auto& item : renderer_->named_parameters())
      if (item.key().starts_with("out.")) item.value().zero_();
  }
}

UNetOutput LayeredModelImpl::run_renderer(const torch::Tensor& input, const torch::Tensor& row_weight, bool bf16) {
  const Autocast autocast(bf16, input.device().type());
  auto result = renderer_->forward_with_features(input.contiguous(torch::MemoryFormat::ChannelsLast), row_weight);
  result.output = result.output.to(torch::kFloat);
  return result;
}

// The plate as the frames show it, lit, at `size`; without the frames' augmentation.
torch::Tensor LayeredModelImpl::plate_background(const Batch& batch, Size size) const {
  torch::Tensor picture = plate_;
  if (batch.plane_from_frame.defined()) {
    const auto shrink = scene_.plate_scale * scene_.size.height / size.height;
    if (shrink > 1) picture = F::avg_pool2d(picture, F::AvgPool2dFuncOptions(shrink));
    const auto count = batch.frames.size(0);
    const auto grid = plane_grid(whole_grid(batch.grid, count, size), batch.plane_from_frame);
    picture = resampled(picture.expand({count, -1, -1, -1}), grid, !torch::GradMode::is_enabled());
  } else if (picture.size(2) != size.height) {
    picture = F::avg_pool2d(picture, F::AvgPool2dFuncOptions(picture.size(2) / size.height));
  }
  picture = lit_plate(picture, batch);
  return modes_.defined() ? picture + spread(variation(batch), size.height, size.width) : picture;
}

// Cosines over the clip's time, each with a picture: smooth in time and of low rank, without a constant part, which
// belongs to the plate. ([0087-0091]: let the background change with the light.)
torch::Tensor LayeredModelImpl::variation(const Batch& batch) const {
  const auto rate = torch::arange(1, modes_.size(1) + 1, batch.time.options()) * std::numbers::pi;
  const auto share = torch::cos(batch.time.view({-1, 1}) * rate);  // [B, K]
  return (modes_ * share.view({-1, modes_.size(1), 1, 1, 1})).sum(1);
}

torch::Tensor LayeredModelImpl::plane_grid(const torch::Tensor& frame_grid,
                                           const torch::Tensor& plane_from_frame) const {
  if (!plane_from_frame.defined()) return frame_grid;
  const double height = scene_.size.height, width = scene_.size.width;
  const auto x = (frame_grid.select(-1, 0) + 1) * (width / 2) - 0.5,
             y = (frame_grid.select(-1, 1) + 1) * (height / 2) - 0.5;
  const auto points = torch::stack({x, y, torch::ones_like(x)}, -1).flatten(1, 2);  // [B, H * W, 3]
  const auto plane = torch::bmm(points, plane_from_frame.transpose(1, 2));
  const auto& [left, right, top, bottom] = scene_.bounds;
  const auto u = (plane.select(-1, 0) / plane.select(-1, 2) - left) * (2 / (right - left)) - 1;
  const auto v = (plane.select(-1, 1) / plane.select(-1, 2) - top) * (2 / (bottom - top)) - 1;
  return torch::stack({u, v}, -1).view_as(frame_grid);
}

torch::Tensor LayeredModelImpl::texture_background(const Batch& batch) {
  return background_texture_->sample(plane_grid(batch.grid, batch.plane_from_frame));
}

torch::Tensor LayeredModelImpl::background_texture(const Batch& batch, Size size, const Window& window) {
  const auto centers = [&](int first, int last, int length) {
    return (2 * torch::arange(first, last, batch.gain.options()) + 1) / length - 1;
  };
  const auto grid =
      torch::stack(
          torch::meshgrid(
              {centers(window.top, window.bottom, size.height), centers(window.left, window.right, size.width)}, "ij"),
          -1)
          .flip(-1)
          .unsqueeze(0)
          .expand({batch.gain.size(0), -1, -1, -1});
  return background_texture_->sample(plane_grid(grid, batch.plane_from_frame));
}

torch::Tensor LayeredModelImpl::slot_input(const Batch& batch, const torch::Tensor& background,
                                           const CompletionInput& completion) {
  const auto texture = textures_->sample(batch.slot_object, batch.iuv);
  const auto body = (batch.iuv.slice(1, 0, 1) > 0).to(torch::kFloat);
  const auto behind = background.index_select(0, batch.slot_frame);
  std::vector<torch::Tensor> channels;
  if (has_plate()) {
    channels = {texture, body, behind.detach()};
    if (corrects()) channels.push_back(batch.matte);
    if (completes()) {
      channels.push_back(completion.matte * completion.known);
      channels.push_back(completion.known);
      channels.push_back(completion.total);
      channels.push_back(completion.contested);
      channels.push_back(completion.share);
    }
  } else {
    channels = {texture + (1 - body) * behind};  // the texture over the background's ([0050], [0053])
  }
  if (options_.object_id) channels.push_back(body * (batch.slot_object + 1).view({-1, 1, 1, 1}));
  return torch::cat(channels, 1);
}

// A hidden part of a body has the colours that were seen of it in other frames: what the renderer paints there is a
// change to them (an idea of ours).
torch::Tensor LayeredModelImpl::over_seen_colors(const torch::Tensor& logits, const Batch& batch) const {
  if (!completes() || !options_.observed_textures) return logits;
  const auto seen = textures_->seen(batch.slot_object, batch.iuv);
  const auto color = torch::atanh(seen.clamp(-1 + kColorMargin, 1 - kColorMargin));
  return torch::cat({logits.slice(1, 0, kColors) + color, logits.slice(1, kColors)}, 1);
}

LayerOutput LayeredModelImpl::forward(const Batch& batch, bool bf16) {
  LayerOutput output;
  auto row_weight = batch.padded ? batch.slot_weight : torch::Tensor();
  if (has_plate()) {
    output.background = plate_background(batch, scene_.size);
    if (batch.resampled) output.background = resampled(output.background, batch.grid);
    if (modes_.defined()) output.variation = variation(batch);
    torch::Tensor expected;
    if (completes()) {
      expected = effects_->expected(batch, scene_.size, whole(scene_.size));
      output.completion = completion_input(batch, expected);
      if (batch.occlusion.defined()) simulate(batch, expected, batch.occlusion, output.completion);
    }
    const auto rendered = run_renderer(slot_input(batch, output.background, output.completion), row_weight, bf16);
    output.logits = over_seen_colors(rendered.output, batch);
    output.features = rendered.features;
    output.painted = activate_layers(output.logits.slice(1, 0, 4), corrects() ? batch.matte : torch::Tensor());
    output.slots = completes() ? assemble_layers(output.logits, batch, expected, batch) : output.painted;
    return output;
  }
  // Layer 0 goes through the renderer too: its slots follow those of the objects, in the same pass.
  const auto texture = texture_background(batch);
  auto background_input = texture;
  if (options_.object_id) background_input = torch::cat({texture, torch::zeros_like(texture.slice(1, 0, 1))}, 1);
  if (batch.padded) row_weight = torch::cat({batch.slot_weight, batch.frame_weight});
  const auto rendered = run_renderer(torch::cat({slot_input(batch, texture, {}), background_input}), row_weight, bf16);
  output.features = rendered.features;
  const auto all = rendered.output;
  output.logits = all.slice(0, 0, batch.slot_frame.size(0));
  output.painted = output.slots = activate_layers(output.logits, {});
  const auto background = activate_layers(all.slice(0, batch.slot_frame.size(0)), {});
  output.background = background.slice(1, 0, 3);
  if (modes_.defined()) {
    output.variation = variation(batch);
    const auto change = spread(output.variation, scene_.size.height, scene_.size.width);
    output.background = output.background + (batch.resampled ? resampled(change, batch.grid) : change);
  }
  output.background_alpha = background.select(1, 3);
  return output;
}

}  // namespace retime
