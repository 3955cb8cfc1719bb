#pragma once

#include <c10/core/Device.h>

#include <filesystem>

#include "dist/torch.hpp"
#include "format/image.hpp"
#include "model/config/fit_options.hpp"
#include "model/config/render_options.hpp"

namespace retime {

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
