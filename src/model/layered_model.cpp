#include "model/layered_model.hpp"

#include "core/error.hpp"
#include "model/autocast.hpp"

namespace F = torch::nn::functional;

namespace retime {
namespace {

// Alphas and colours of a matte are kept this far from -1 and 1 before the inverse tanh.
constexpr double kAlphaMargin = 0.004;
constexpr double kColorMargin = 0.01;
// Below this alpha the colour of a matte says little and gives way to the network's.
constexpr double kFaintAlpha = 0.05;

torch::Tensor inverse_tanh(const torch::Tensor& value, double margin) {
  return torch::atanh((2 * value - 1).clamp(-1 + margin, 1 - margin));
}

}  // namespace

torch::Tensor lit_plate(const torch::Tensor& plate, const Batch& batch) {
  const auto spread = F::InterpolateFuncOptions()
                          .size(std::vector<std::int64_t>{plate.size(2), plate.size(3)})
                          .mode(torch::kBicubic)
                          .align_corners(false);
  return plate * batch.gain + F::interpolate(batch.offset, spread);
}

torch::Tensor activate_layers(const torch::Tensor& logits, const torch::Tensor& matte) {
  torch::Tensor z = logits;
  if (matte.defined()) {
    const auto alpha = matte.slice(1, 3, 4);
    const auto color = matte.slice(1, 0, 3) / alpha.clamp_min(1e-3);
    const auto trust = (alpha / kFaintAlpha).clamp_max(1);
    z = z + torch::cat({inverse_tanh(color, kColorMargin) * trust, inverse_tanh(alpha, kAlphaMargin)}, 1);
  }
  const auto y = torch::tanh(z);
  return torch::cat({y.slice(1, 0, 3), (y.slice(1, 3, 4) + 1) / 2}, 1);
}

LayeredModelImpl::LayeredModelImpl(const ModelOptions& options, const ModelScene& scene,
                                   std::shared_ptr<Collectives> collectives)
    : options_(options), scene_(scene) {
  textures_ = register_module(
      "textures", ObjectTextures(scene.objects, scene.parts, options.texture_channels, options.texture_size));
  int channels = options.texture_channels + (options.object_id ? 1 : 0);
  if (options.background == "plate") {
    if (!scene.plate.defined())
      throw Error("the scene has no plate (the camera moves, or it was imported without one): use --background neural");
    plate_ = register_parameter("plate", scene.plate.clone());
    channels += 4 + (options.layer_output == "correction" ? 4 : 0);  // body, plate and matte
  } else {
    background_texture_ =
        register_module("background", BackgroundTexture(options.texture_channels, options.background_texture_size));
  }
  renderer_ = register_module("renderer", UNet(options, channels, 4, std::move(collectives)));
  if (options.layer_output == "correction") {
    torch::NoGradGuard guard;  // The fit starts from the mattes.
    for (auto& item : renderer_->named_parameters())
      if (item.key().starts_with("out.")) item.value().zero_();
  }
}

torch::Tensor LayeredModelImpl::run_renderer(const torch::Tensor& input, const torch::Tensor& row_weight, bool bf16) {
  const Autocast autocast(bf16, input.device().type());
  return renderer_(input.contiguous(torch::MemoryFormat::ChannelsLast), row_weight).to(torch::kFloat);
}

torch::Tensor LayeredModelImpl::plate_background(const Batch& batch) const {
  const auto picture = lit_plate(F::avg_pool2d(plate_, F::AvgPool2dFuncOptions(2)), batch);
  if (!batch.resampled) return picture;
  return F::grid_sample(picture, batch.grid,
                        F::GridSampleFuncOptions().padding_mode(torch::kBorder).align_corners(false));
}

torch::Tensor LayeredModelImpl::plane_grid(const Batch& batch) const {
  if (!batch.plane_from_frame.defined()) return batch.grid;
  const double height = static_cast<double>(batch.grid.size(1)), width = static_cast<double>(batch.grid.size(2));
  const auto x = (batch.grid.select(-1, 0) + 1) * (width / 2) - 0.5,
             y = (batch.grid.select(-1, 1) + 1) * (height / 2) - 0.5;
  const auto points = torch::stack({x, y, torch::ones_like(x)}, -1).flatten(1, 2);  // [B, H * W, 3]
  const auto plane = torch::bmm(points, batch.plane_from_frame.transpose(1, 2));
  const auto& [left, right, top, bottom] = scene_.bounds;
  const auto u = (plane.select(-1, 0) / plane.select(-1, 2) - left) * (2 / (right - left)) - 1;
  const auto v = (plane.select(-1, 1) / plane.select(-1, 2) - top) * (2 / (bottom - top)) - 1;
  return torch::stack({u, v}, -1).view_as(batch.grid);
}

torch::Tensor LayeredModelImpl::texture_background(const Batch& batch) {
  return background_texture_->sample(plane_grid(batch));
}

torch::Tensor LayeredModelImpl::slot_input(const Batch& batch, const torch::Tensor& background) {
  const auto texture = textures_->sample(batch.slot_object, batch.iuv);
  const auto body = (batch.iuv.slice(1, 0, 1) > 0).to(torch::kFloat);
  const auto behind = background.index_select(0, batch.slot_frame);
  std::vector<torch::Tensor> channels;
  if (has_plate()) {
    channels = {texture, body, behind.detach()};
    if (options_.layer_output == "correction") channels.push_back(batch.matte);
  } else {
    channels = {texture + (1 - body) * behind};  // the texture over the background's ([0050], [0053])
  }
  if (options_.object_id) channels.push_back(body * (batch.slot_object + 1).view({-1, 1, 1, 1}));
  return torch::cat(channels, 1);
}

LayerOutput LayeredModelImpl::forward(const Batch& batch, bool bf16) {
  LayerOutput output;
  auto row_weight = batch.padded ? batch.slot_weight : torch::Tensor();
  if (has_plate()) {
    output.background = plate_background(batch);
    output.logits = run_renderer(slot_input(batch, output.background), row_weight, bf16);
    output.slots =
        activate_layers(output.logits, options_.layer_output == "correction" ? batch.matte : torch::Tensor());
    return output;
  }
  // Layer 0 goes through the renderer too: its slots follow those of the objects, in the same pass.
  const auto texture = texture_background(batch);
  auto background_input = texture;
  if (options_.object_id) background_input = torch::cat({texture, torch::zeros_like(texture.slice(1, 0, 1))}, 1);
  if (batch.padded) row_weight = torch::cat({batch.slot_weight, batch.frame_weight});
  const auto all = run_renderer(torch::cat({slot_input(batch, texture), background_input}), row_weight, bf16);
  output.logits = all.slice(0, 0, batch.slot_frame.size(0));
  output.slots = activate_layers(output.logits, {});
  const auto background = activate_layers(all.slice(0, batch.slot_frame.size(0)), {});
  output.background = background.slice(1, 0, 3);
  output.background_alpha = background.select(1, 3);
  return output;
}

}  // namespace retime
