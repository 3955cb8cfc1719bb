#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

namespace retime {

/// Where a copy of something is put: `scale` times as large, its centre at (x, y) of an object's box, 0 to 1 inside.
struct Placement {
  double scale = 1;
  double x = 0.5, y = 0.5;
};

/// What is hidden of a layer from the network, which learns by completing it: a piece of the shape and size of a body
/// (the object's own silhouette, mirrored and moved), and the ownership of its effects, which meet those of another
/// object of the frame (moved there) as if the two were crossing.
struct Occluder {
  bool hides = false;
  Placement silhouette;
  bool contests = false;
  Placement other;           ///< of the other object
  std::uint64_t choice = 0;  ///< which of the other objects
};

/// The occluder of a layer: a pure function of its arguments.
Occluder occluder_of(double probability, std::uint64_t key, std::int64_t object);

/// Boxes of bodies [S, 1, H, W] bool: [S, 4] left, top, right, bottom in [-1, 1]; empty ones have left > right.
torch::Tensor boxes_of(const torch::Tensor& bodies);

/// How pictures are resampled by `place`.
enum class Placing { kMirroredNearest, kBilinear };

/// Copies of `pictures` [S, C, H, W], whose objects lie in `source` [S, 4], to their places relative to `target` [S,
/// 4]; zero around them.
torch::Tensor place(const torch::Tensor& pictures, const torch::Tensor& source, const torch::Tensor& target,
                    const std::vector<Placement>& placements, Placing placing);

/// The bodies and a pixel around them: [S, 1, H, W] float.
torch::Tensor with_edge(const torch::Tensor& bodies);

}  // namespace retime
