#pragma once

#include <vector>

#include "data/people/network.hpp"
#include "format/checkpoint.hpp"

namespace retime {

/// The keypoint-to-UV network of a checkpoint of `retime uv train`, layer by layer, as it is in evaluation mode: its
/// norms are folded into the convolutions before them. It reads [1, kJointPlanes, S, S] and gives "parts",
/// [1, 25, S, S] before softmax, and "uv", [1, 48, S, S]: U and V of each part. Throws Error when the checkpoint is of
/// something else, or lacks weights.
std::vector<NetworkLayer> body_layers(const Checkpoint& checkpoint);

}  // namespace retime
