#include "model/state/fitted_model.hpp"

#include <algorithm>

#include "model/config/fit_config.hpp"
#include "model/layers/frame_layers.hpp"
#include "model/scene/batch.hpp"
#include "model/state/model_state.hpp"

namespace retime {
namespace {

constexpr int kStatisticsFrames = 64;

}  // namespace

void estimate_statistics(torch::nn::Module& module, const ModelOptions& options, int frame_count,
                         const std::function<void(int frame)>& forward) {
  module.eval();
  if (!is_batch_norm(options.norm)) return;
  const torch::NoGradGuard guard;
  for (const auto& part : module.modules())
    if (auto* norm = part->as<NormImpl>()) norm->restart_statistics();
  module.train();
  const int used = std::min(frame_count, kStatisticsFrames);
  for (int i = 0; i < used; ++i) forward(static_cast<int>(static_cast<std::int64_t>(i) * frame_count / used));
  module.eval();
}

LayeredModel load_fitted_model(const SceneReader& scene, const Checkpoint& checkpoint, torch::Device device) {
  const torch::NoGradGuard guard;
  const auto options = FitConfig::from_text(checkpoint.config).model;
  LayeredModel model(options, model_scene(scene, options), nullptr);
  load_module(*model, checkpoint);
  model->to(device);
  for (auto& parameter : model->parameters()) parameter.requires_grad_(false);
  estimate_statistics(*model, options, scene.info().frame_count, [&](int t) {
    const SceneData data(scene, t, t + 1, model->uses_mattes(), device);
    const auto batch = make_batch(data, {t}, {}, options.skip_absent);
    if (!batch.padded || !model->has_plate()) model->forward(batch, false);  // else the frame has no layer to render
  });
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
