#pragma once

#include <c10/core/Device.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "dist/step_timeline.hpp"
#include "dist/torch.hpp"
#include "format/image.hpp"
#include "format/scene.hpp"
#include "model/config/fit_config.hpp"
#include "model/config/fit_options.hpp"
#include "model/config/render_options.hpp"
#include "ranks/communicator.hpp"

namespace retime {

using StepParts = std::array<double, kStepParts>;  ///< seconds, in the order of StepPart

/// A training step as it was measured over several.
struct StepMeasurement {
  int steps = 0;
  StepParts part_s{};  ///< mean over ranks and over the middle half of the steps by duration; adds up to `step_s`
  double step_s = 0;
  double min_s = 0, max_s = 0;               ///< the shortest and the longest step
  std::vector<std::int64_t> bucket_bytes{};  ///< gradients as they travelled in the last step; empty for one rank
  std::int64_t gradient_bytes = 0;           ///< of all parameters
};

/// Sums up steps. The slowest and the fastest quarter are left out of the means: on a shared machine they tell of
/// others. `steps` must not be empty.
StepMeasurement summarize_steps(const std::vector<StepParts>& steps);

struct StepCounts {
  int warmup = 3;  ///< steps that are not counted
  int timed = 20;
};

/// Fits a scene as the program does for a few steps and tells where their time went. `run` is the folder of
/// that fit. Throws Error when the scene has fewer frames than a step takes. This call is MPI collective.
StepMeasurement measure_steps(const SceneReader& scene, FitConfig config, const std::filesystem::path& run,
                              const Communicator& communicator, StepCounts counts);

/// A training step of the renderer and of the upsampling network, each alone.
struct NetworkBench {
  int width = 16;                              ///< channels of the renderer
  int upsample_width = 64;                     ///< of the upsampling network
  int upsample_crop = UpsampleOptions().crop;  ///< side of its windows
  int image_width = 224, image_height = 128;
  int layers = 4;    ///< in a step
  int repeats = 10;  ///< timed steps; the median counts
};

/// Times forward, backward and Adam in float32 and bfloat16, with channels first and last. Prints seconds per layer and
/// frame, and ratios.
void print_network_steps(const NetworkBench& settings, c10::Device device);

/// Prints for how long a save of the whole model and its optimiser holds a fit up, when it is written beside the fit
/// and when it is not. Writes into a new folder in `folder`, which it removes.
void bench_checkpoint(const ModelOptions& options, Size size, int objects, torch::Device device,
                      const std::filesystem::path& folder, int repeats);

}  // namespace retime
