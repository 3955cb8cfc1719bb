#include "model/layers/frame_layers.hpp"

#include "model/layers/attribution.hpp"

namespace retime {

namespace {

// The objects of a frame's slots, as `make_batch` makes them, without asking the device.
std::vector<int> slot_objects(const SceneData& data, int frame, bool skip_absent) {
  std::vector<int> objects;
  for (int n = 0; n < data.object_count() && frame >= 0; ++n)
    if (!skip_absent || data.is_present(n, frame)) objects.push_back(n);
  return objects.empty() ? std::vector<int>{0} : objects;
}

}  // namespace

FrameLayers::FrameLayers(LayeredModel model, const SceneData& data, FullMaps& maps, int frame)
    : model_(std::move(model)),
      maps_(maps),
      frame_(frame),
      full_scale_(maps.scale()),
      size_(data.size()),
      objects_(slot_objects(data, frame, model_->options().skip_absent)),
      batch_(make_batch(data, {frame}, {}, model_->options().skip_absent)),
      output_(model_->forward(batch_, false)) {}

int FrameLayers::input_channels(const ModelOptions& options) {
  return 4 + options.texture_channels + (options.object_id ? 1 : 0) + options.width;
}

torch::Tensor FrameLayers::row_weight() const {
  return has_background_row() ? torch::cat({batch_.slot_weight, batch_.frame_weight}) : batch_.slot_weight;
}

// One map per slot; `read` gets the object, or -1 for the slot that stands in when there is none.
template <class Read>
torch::Tensor FrameLayers::slot_maps(Read read) const {
  std::vector<torch::Tensor> maps;
  for (const int object : objects_) maps.push_back(read(object));
  return torch::stack(maps);
}

torch::Tensor FrameLayers::slot_layers(int scale, const Window& window) {
  if (!model_->uses_mattes()) return enlarge_layers(patch(output_.slots), size_, scale, window);
  const auto logits = enlarge(patch(output_.logits), size_, scale, window);
  const auto mattes = slot_maps([&](int object) { return maps_.matte(object, frame_, scale, window); });
  if (model_->corrects()) return activate_layers(logits, mattes);
  const auto visibility = slot_maps([&](int object) { return maps_.visibility(object, frame_, scale, window); });
  const auto expected = model_->effects()->expected(batch_, size(scale), window);
  return assemble_layers(logits, {.iuv = {}, .trimap = {}, .matte = mattes, .visibility = visibility}, expected,
                         batch_);
}

torch::Tensor FrameLayers::enlarged(int scale, const Window& window) {
  const auto layers = slot_layers(scale, window);
  auto rgba = torch::cat({layers.slice(1, 0, 3), layers.slice(1, 3, 4) * 2 - 1}, 1);
  if (!has_background_row()) return rgba;
  const auto background = enlarge(patch(output_.background), size_, scale, window);
  return torch::cat({rgba, torch::cat({background, torch::ones_like(background.slice(1, 0, 1))}, 1)});
}

torch::Tensor FrameLayers::textures(int scale, const Window& window) {
  const auto iuv = slot_maps([&](int object) { return maps_.iuv(object, frame_, scale, window); });
  auto result = model_->textures()->sample(batch_.slot_object, iuv);
  const auto body = (iuv.slice(1, 0, 1) > 0).to(torch::kFloat);
  torch::Tensor behind;
  if (has_background_row()) {
    behind = model_->background_texture(batch_, size(scale), window);
    result = result + (1 - body) * behind;
  }
  if (model_->options().object_id)
    result = torch::cat({result, body * (batch_.slot_object + 1).view({-1, 1, 1, 1})}, 1);
  if (!has_background_row()) return result;
  if (model_->options().object_id) behind = torch::cat({behind, torch::zeros_like(behind.slice(1, 0, 1))}, 1);
  return torch::cat({result, behind});
}

torch::Tensor FrameLayers::network_input(int scale, const Window& window, const torch::Tensor& rgba) {
  return torch::cat({rgba, textures(scale, window), enlarge(patch(output_.features), size_, scale, window)}, 1);
}

torch::Tensor FrameLayers::slots(const torch::Tensor& rows) const {
  const auto layers = rows.slice(0, 0, batch_.slot_object.size(0));
  return torch::cat({layers.slice(1, 0, 3), (layers.slice(1, 3, 4) + 1) / 2}, 1);
}

torch::Tensor FrameLayers::background(const torch::Tensor& rows, const Window& window) {
  if (has_background_row()) return rows.slice(0, rows.size(0) - 1).slice(1, 0, 3);
  const torch::NoGradGuard guard;  // It is resampled as rendering does it.
  if (!plate_.defined()) plate_ = model_->plate_background(batch_, size(full_scale_));
  return cut({plate_, whole(size(full_scale_))}, window);
}

}  // namespace retime
