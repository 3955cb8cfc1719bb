#pragma once

#include <string>

#include "core/options.hpp"

namespace retime {

/// The upsampling network ([0063], [0097]) and how it is trained, after the layers are fitted.
struct UpsampleOptions {
  int epochs = 0;               ///< 0: layers are enlarged bilinearly
  int width = 64;               ///< channels between its convolutions
  std::string norm = "frozen";  ///< frozen or instance, see `Upsampler`
  double residual_scale = 1;    ///< times the network's output; released code: 0.01
  int crop = 256;               ///< side of the windows it is trained on, in pixels of the full size
  int batch_frames = 4;         ///< frames in a step, over all ranks
  double learning_rate = 1e-3;
  bool decay = true;  ///< the learning rate falls along a half cosine to a tenth in the last epoch

  void add_to(OptionTable& table);
  /// Throws UsageError.
  void validate() const;
};

}  // namespace retime
