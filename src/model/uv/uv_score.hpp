#pragma once

#include "model/uv/uv_task.hpp"

namespace retime {

/// How well a network tells bodies from their joints, over many pairs.
struct UvScore {
  double part_accuracy = 0;   ///< share of a body's pixels whose part is right
  double uv_error = 0;        ///< mean absolute error of U and V, over a body's pixels, in the true part
  double silhouette_iou = 0;  ///< of the pixels that are told to be a body
};

/// Over the first `count` pairs of `source` (epoch 0). The network is left in evaluation mode.
UvScore score_uv(UvNetwork& network, const UvPairSource& source, int count, int size, torch::Device device);

/// Gives the network's norms the statistics of its weights as they are, over `batches` batches of `batch` pairs, as
/// rendering wants them, and leaves it in evaluation mode. Every rank computes them alone.
void settle_statistics(UvNetwork& network, const UvConfig& config, const UvPairSource& source, torch::Device device);

}  // namespace retime
