#pragma once

#include <c10/core/Device.h>

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

}  // namespace retime
