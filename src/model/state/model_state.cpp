#include "model/state/model_state.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "format/scene_fingerprint.hpp"
#include "model/layers/frame_layers.hpp"
#include "model/scene/batch.hpp"

namespace retime {
namespace {

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (const auto size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

const std::string kPrefix = "upsampler.";

// Where a name goes on behind its group.
std::size_t name_start(const NamedArray& array) { return array.name.find('/') + 1; }

bool is_upsamplers(const NamedArray& array) {
  return array.name.compare(name_start(array), kPrefix.size(), kPrefix) == 0;
}

constexpr int kStatisticsFrames = 64;

}  // namespace

NamedArray to_array(const std::string& name, const torch::Tensor& tensor) {
  NamedArray array{name, {}, {}, {}};
  for (const auto size : tensor.sizes()) array.dims.push_back(static_cast<hsize_t>(size));
  const auto values = tensor.detach().to(torch::kCPU, torch::kFloat).contiguous();
  array.floats.assign(values.data_ptr<float>(), values.data_ptr<float>() + values.numel());
  return array;
}

ArrayIndex::ArrayIndex(const Checkpoint& checkpoint) {
  for (const auto& array : checkpoint.arrays) arrays_[array.name] = &array;
}

void ArrayIndex::copy_to(const std::string& name, torch::Tensor target) const {
  const auto found = arrays_.find(name);
  if (found == arrays_.end())
    throw Error("the checkpoint does not fit the model (it has no " + name +
                "): use the options it was made with, or start anew with --resume none");
  const auto& array = *found->second;
  const std::vector<std::int64_t> shape(array.dims.begin(), array.dims.end());
  if (target.sizes() != shape)
    throw Error("the checkpoint does not fit the model (" + name + " is " + shape_text(shape) + ", the model wants " +
                shape_text(target.sizes().vec()) +
                "): use the options it was made with, or start anew with --resume none");
  torch::NoGradGuard guard;
  target.copy_(torch::from_blob(const_cast<float*>(array.floats.data()), shape, torch::kFloat));
}

bool ArrayIndex::fits(const std::string& name, const torch::Tensor& target) const {
  const auto found = arrays_.find(name);
  if (found == arrays_.end()) return false;
  const std::vector<std::int64_t> shape(found->second->dims.begin(), found->second->dims.end());
  return target.sizes() == shape;
}

std::vector<NamedArray> save_module(const torch::nn::Module& module) {
  std::vector<NamedArray> arrays;
  for (const auto& item : module.named_parameters())
    arrays.push_back(to_array("parameters/" + item.key(), item.value()));
  for (const auto& item : module.named_buffers()) arrays.push_back(to_array("buffers/" + item.key(), item.value()));
  return arrays;
}

void move_module(const torch::nn::Module& module, torch::Device device) {
  const torch::NoGradGuard guard;
  const auto move = [&](torch::Tensor tensor) {
    if (device.is_meta())  // Its tensors are of another kind: what holds the old one cannot be given their data.
      tensor.unsafeGetTensorImpl()->shallow_copy_from(torch::empty_like(tensor, device).getIntrusivePtr());
    else
      tensor.set_data(tensor.to(device));
  };
  for (const auto& parameter : module.parameters()) move(parameter);
  for (const auto& buffer : module.buffers()) move(buffer);
}

void load_module(torch::nn::Module& module, const Checkpoint& checkpoint) {
  const ArrayIndex index(checkpoint);
  for (auto& item : module.named_parameters()) index.copy_to("parameters/" + item.key(), item.value());
  for (auto& item : module.named_buffers()) index.copy_to("buffers/" + item.key(), item.value());
}

bool has_upsampler(const Checkpoint& checkpoint) {
  return std::any_of(checkpoint.arrays.begin(), checkpoint.arrays.end(), is_upsamplers);
}

Checkpoint upsampler_part(const Checkpoint& checkpoint) {
  Checkpoint part;
  for (const auto& array : checkpoint.arrays) {
    if (!is_upsamplers(array)) continue;
    part.arrays.push_back(array);
    part.arrays.back().name.erase(name_start(array), kPrefix.size());
  }
  return part;
}

std::vector<NamedArray> without_upsampler(std::vector<NamedArray> arrays) {
  std::erase_if(arrays, is_upsamplers);
  return arrays;
}

std::vector<NamedArray> named_as_upsampler(std::vector<NamedArray> arrays) {
  for (auto& array : arrays) array.name.insert(name_start(array), kPrefix);
  return arrays;
}

void require_same_model(const std::filesystem::path& file, const Checkpoint& checkpoint, const FitConfig& config,
                        const SceneReader& scene) {
  const auto options = architecture_difference(FitConfig::from_text(checkpoint.config), config);
  if (!options.empty())
    throw Error("cannot resume from " + file.string() + " (other architecture: " + options +
                "): use its options, or start anew with --resume none");
  const auto fingerprint = scene.fingerprint();
  if (checkpoint.scene_fingerprint != fingerprint && !differ_by_corrections(checkpoint.scene_fingerprint, fingerprint))
    throw Error("cannot resume from " + file.string() +
                " (it was fitted to another scene: " + scene_difference(checkpoint.scene_fingerprint, fingerprint) +
                "): use its scene, or start anew with --resume none");
}

bool has_sizes_of(const Checkpoint& checkpoint, const SceneReader& scene) {
  const auto options = FitConfig::from_text(checkpoint.config).model;
  const LayeredModel model(options, model_scene(scene, options), nullptr);
  const ArrayIndex index(checkpoint);
  const auto parameters = model->named_parameters();
  return std::all_of(parameters.begin(), parameters.end(),
                     [&](const auto& item) { return index.fits("parameters/" + item.key(), item.value()); });
}

void require_same_upsampler(const FitConfig& before, const FitConfig& now) {
  const auto options = upsampler_difference(before, now);
  if (!options.empty())
    throw Error("cannot go on with the run's upsampling network (other architecture: " + options +
                "): use its options, or start anew with --resume none");
}

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
  move_module(*model, device);
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
  move_module(*network, device);
  network->eval();
  return network;
}

}  // namespace retime
