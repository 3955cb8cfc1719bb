#pragma once

#include <vector>

#include "dist/torch.hpp"
#include "model/scene/sampler.hpp"

namespace retime {

/// Boxes of bodies [S, 1, H, W] bool: [S, 4] left, top, right, bottom in [-1, 1]; empty ones have left > right.
torch::Tensor boxes_of(const torch::Tensor& bodies);

/// How pictures are resampled by `place`.
enum class Placing { kMirroredNearest, kBilinear };

/// Copies of `pictures` [S, C, H, W], whose objects lie in `source` [S, 4], to `placements` ([S, 3]: scale, x, y, see
/// Placement) relative to `target` [S, 4]; zero around them.
torch::Tensor place(const torch::Tensor& pictures, const torch::Tensor& source, const torch::Tensor& target,
                    const torch::Tensor& placements, Placing placing);

/// The bodies and a pixel around them: [S, 1, H, W] float.
torch::Tensor with_edge(const torch::Tensor& bodies);

}  // namespace retime
