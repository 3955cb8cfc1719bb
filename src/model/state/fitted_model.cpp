#include "model/state/fitted_model.hpp"

#include <algorithm>

#include "model/config/fit_config.hpp"
#include "model/layers/frame_layers.hpp"
#include "model/scene/batch.hpp"
#include "model/state/model_state.hpp"
#include "model/state/upsample_state.hpp"

namespace retime {
namespace {

constexpr int kStatisticsFrames = 64;

void estimate_statistics(LayeredModel& model, const SceneReader& scene, torch::Device device) {
  if (!is_batch_norm(model->options().norm)) return;
  for (const auto& module : model->modules())
    if (auto* norm = module->as<NormImpl>()) norm->restart_statistics();
  model->train();
  const int count = scene.info().frame_count, used = std::min(count, kStatisticsFrames);
  for (int i = 0; i < used; ++i) {
    const int t = static_cast<int>(static_cast<std::int64_t>(i) * count / used);
    const SceneData data(scene, t, t + 1, model->uses_mattes(), device);
    const auto batch = make_batch(data, {t}, {}, model->options().skip_absent);
    if (!batch.padded || !model->has_plate()) model->forward(batch, false);  // else the frame has no layer to render
  }
  model->eval();
}

}  // namespace

LayeredModel load_fitted_model(const SceneReader& scene, const Checkpoint& checkpoint, torch::Device device) {
  const torch::NoGradGuard guard;
  const auto options = FitConfig::from_text(checkpoint.config).model;
  LayeredModel model(options, model_scene(scene, options), nullptr);
  load_module(*model, checkpoint);
  model->to(device);
  for (auto& parameter : model->parameters()) parameter.requires_grad_(false);
  model->eval();
  estimate_statistics(model, scene, device);
  return model;
}

Upsampler load_upsampler(const Checkpoint& checkpoint, torch::Device device) {
  if (!has_upsampler(checkpoint)) return nullptr;
  const auto config = FitConfig::from_text(checkpoint.config);
  Upsampler network(config.upsample, FrameLayers::input_channels(config.model), nullptr);
  load_module(*network, upsampler_part(checkpoint));
  network->to(device);
  network->eval();
  return network;
}

}  // namespace retime
