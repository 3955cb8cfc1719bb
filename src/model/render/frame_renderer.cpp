#include "model/render/frame_renderer.hpp"

#include "core/activity.hpp"
#include "core/fault_point.hpp"
#include "model/layers/detail_transfer.hpp"
#include "model/layers/frame_layers.hpp"
#include "model/scene/batch.hpp"
#include "model/scene/image_tensor.hpp"
#include "model/state/fitted_model.hpp"

namespace retime {
namespace {

Image to_rgba(const torch::Tensor& color, const torch::Tensor& alpha) {
  // Pixels that nobody sees hold no colour, so that layers compress and editors show nothing odd.
  return to_image(torch::cat({color * (alpha > 0), alpha}) * 255);
}

}  // namespace

FrameRenderer::FrameRenderer(const SceneReader& scene, const Checkpoint& checkpoint, const RenderOptions& options,
                             torch::Device device)
    : scene_(scene),
      model_(load_fitted_model(scene, checkpoint, device)),
      options_(options),
      device_(device),
      maps_(scene, device) {
  if (auto network = load_upsampler(checkpoint, device)) upsampler_.emplace(network, options.tile);
}

void FrameRenderer::render_block(const std::filesystem::path& file, const LayersInfo& info, int block,
                                 const std::function<void(int)>& watch) {
  const auto [first, last] = info.block_range(block);
  const SceneData data(scene_, first, last, model_->uses_mattes(), device_);
  LayersBlockWriter writer(file, info, block);
  Phase phase("rendering frame");
  for (int t = first; t < last; ++t) {
    phase.at(t);
    fault_point("rendering frame", t);
    render_frame(data, t, writer);
    watch(t + 1 - first);
  }
  writer.commit();
}

void FrameRenderer::render_frame(const SceneData& data, int frame, LayersBlockWriter& writer) {
  maps_.forget();
  FrameLayers frame_layers(model_, data, maps_, frame);
  const auto all = whole(scene_.info().full_size());
  const auto rows =
      upsampler_ ? upsampler_->upsample(frame_layers) : frame_layers.enlarged(frame_layers.full_scale(), all);
  auto slots = frame_layers.slots(rows);
  slots = torch::cat({(slots.slice(1, 0, 3) + 1) / 2, cleaned(slots.slice(1, 3, 4))}, 1);
  const auto layers = stack_layers(slots, frame_layers.batch())[0];  // back to front
  const auto background = (frame_layers.background(rows, all)[0] + 1) / 2;
  const auto image = scene_.read_full(frame);
  const auto target = channels_first(image).to(device_).to(torch::kFloat) / 255;
  const auto result = detailed_layers(options_.detail, target, background, layers);
  write_layers(result.colors, result.alphas, frame, writer);
}

torch::Tensor FrameRenderer::cleaned(const torch::Tensor& alpha) const {
  return ((alpha - options_.alpha_floor) / (1 - 2 * options_.alpha_floor)).clamp(0, 1);
}

void FrameRenderer::write_layers(const torch::Tensor& colors, const torch::Tensor& alphas, int frame,
                                 LayersBlockWriter& writer) {
  writer.write(frame, 0, to_rgba(colors[0], torch::ones_like(colors[0].slice(0, 0, 1))));
  const auto& order = scene_.order()[static_cast<std::size_t>(frame)];
  for (std::size_t k = 0; k < order.size(); ++k) {
    const auto alpha = alphas[static_cast<std::int64_t>(k)];
    writer.write(frame, order[k] + 1, to_rgba(colors[static_cast<std::int64_t>(k) + 1], alpha));
  }
}

}  // namespace retime
