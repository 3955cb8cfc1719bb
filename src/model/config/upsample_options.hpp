#pragma once

#include "core/options.hpp"

namespace retime {

/// Where the norms of the upsampling network take their statistics, see `Upsampler`.
enum class UpsampleNorm { kFrozen, kInstance };
inline const Choices<UpsampleNorm> kUpsampleNorms{{"frozen", UpsampleNorm::kFrozen},
                                                  {"instance", UpsampleNorm::kInstance}};

/// The upsampling network ([0063], [0097]) and how it is trained, after the layers are fitted.
struct UpsampleOptions {
  int epochs = 0;  ///< 0: layers are enlarged bilinearly
  int width = 64;  ///< channels between its convolutions
  UpsampleNorm norm = UpsampleNorm::kFrozen;
  double residual_scale = 1;  ///< times the network's output; released code: 0.01
  int crop = 256;             ///< side of the windows it is trained on, in pixels of the full size
  int batch_frames = 4;       ///< frames in a step, over all ranks
  double learning_rate = 1e-3;
  bool decay = true;  ///< the learning rate falls along a half cosine to a tenth in the last epoch

  void add_to(OptionTable& table);
  /// Throws UsageError.
  void validate() const;
};

}  // namespace retime
