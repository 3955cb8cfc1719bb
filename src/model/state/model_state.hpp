#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "dist/torch.hpp"
#include "format/checkpoint.hpp"
#include "format/scene.hpp"
#include "model/config/fit_config.hpp"
#include "model/layers/layered_model.hpp"
#include "model/net/upsampler.hpp"

namespace retime {

/// Copies a tensor of any device to an array of a checkpoint.
NamedArray to_array(const std::string& name, const torch::Tensor& tensor);

/// Finds the arrays of a checkpoint by name.
class ArrayIndex {
 public:
  explicit ArrayIndex(const Checkpoint& checkpoint);
  /// Copies the named array into `target`. Throws Error when it is missing or has another shape.
  void copy_to(const std::string& name, torch::Tensor target) const;
  /// Whether the named array is there and has the shape of `target`.
  bool fits(const std::string& name, const torch::Tensor& target) const;

 private:
  std::map<std::string, const NamedArray*> arrays_;
};

/// Moves parameters and buffers. Beside what `Module::to` does it takes a module to the meta device, where a step is
/// tried without values.
void move_module(const torch::nn::Module& module, torch::Device device);

/// Parameters and buffers of a module as arrays "parameters/..." and "buffers/...".
std::vector<NamedArray> save_module(const torch::nn::Module& module);
/// Throws Error when an array is missing or has another shape.
void load_module(torch::nn::Module& module, const Checkpoint& checkpoint);

/// The upsampling network's arrays lie beside those of the layers, as "parameters/upsampler.conv1.weight". True when a
/// checkpoint holds them.
bool has_upsampler(const Checkpoint& checkpoint);
/// Those arrays alone, under the names that the network itself gives them.
Checkpoint upsampler_part(const Checkpoint& checkpoint);
/// The arrays that are not the network's.
std::vector<NamedArray> without_upsampler(std::vector<NamedArray> arrays);
/// Names of the network itself to names in a checkpoint.
std::vector<NamedArray> named_as_upsampler(std::vector<NamedArray> arrays);

/// Throws Error, which names the differences, unless a fit of `scene` with `config` can go on from a checkpoint: same
/// model options, same scene but for corrections.
void require_same_model(const std::filesystem::path& file, const Checkpoint& checkpoint, const FitConfig& config,
                        const SceneReader& scene);

/// Whether a checkpoint has the sizes of a model of `scene`, with its own options.
bool has_sizes_of(const Checkpoint& checkpoint, const SceneReader& scene);

/// The same for the upsampling network of a checkpoint that was written with the options `before`.
void require_same_upsampler(const FitConfig& before, const FitConfig& now);

/// The model of a checkpoint as it renders: in evaluation mode, its batch norms with statistics of the finished
/// weights, taken over frames of the whole clip. Throws Error when the checkpoint does not fit the scene.
LayeredModel load_fitted_model(const SceneReader& scene, const Checkpoint& checkpoint, torch::Device device);

/// Gives the batch norms of a module, made with `options`, the statistics of its weights as they are: averages over up
/// to 64 frames of a clip of `frame_count`, of each of which `forward` makes a forward pass. Leaves the module in
/// evaluation mode.
void estimate_statistics(torch::nn::Module& module, const ModelOptions& options, int frame_count,
                         const std::function<void(int frame)>& forward);

/// The upsampling network of a checkpoint, in evaluation mode; empty when it holds none.
Upsampler load_upsampler(const Checkpoint& checkpoint, torch::Device device);

}  // namespace retime
