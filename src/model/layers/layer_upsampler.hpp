#pragma once

#include <vector>

#include "dist/torch.hpp"
#include "model/layers/frame_layers.hpp"
#include "model/net/upsampler.hpp"

namespace retime {

/// Layers as one doubling finds them: enlarged, and changed by what the doublings before it changed. `changes` is that,
/// as a patch of the picture at half the scale; undefined pixels for the first doubling.
torch::Tensor before_doubling(FrameLayers& frame, int scale, const Window& window, const Patch& changes);

/// Renders the layers of a frame at full size with a trained upsampling network: one doubling to scale 2, and for
/// scenes at scale 4 one more with the same weights. Works tile by tile: the network's activations take memory for one
/// tile, what grows with the picture are a few values per pixel and layer. Tiles overlap by what the network sees, and
/// its statistics are constants (norm `frozen`) or those of the whole layer, gathered over the tiles in one pass per
/// norm (norm `instance`): tiles of any size give the same layers, to rounding.
class LayerUpsampler {
 public:
  /// `tile` is the side of a tile in pixels.
  LayerUpsampler(Upsampler network, int tile);

  /// Rows of `frame` at full size, [R, 4, h, w] in [-1, 1].
  torch::Tensor upsample(FrameLayers& frame);

 private:
  torch::Tensor doubled(FrameLayers& frame, int scale, const Patch& changes);
  std::vector<RowStatistics> layer_statistics(FrameLayers& frame, int scale, const Patch& changes);

  Upsampler network_;
  int tile_;
};

}  // namespace retime
