#pragma once

#include "format/image.hpp"
#include "post/compose/layer_source.hpp"

namespace retime {

/// Takes a layer from the frame it was made in to the output frame that shows it: from camera to camera through the
/// common plane (homographies, US patent application [0075]) and from light to light.
class FrameTransfer {
 public:
  explicit FrameTransfer(const LayerSourceInfo& info) : info_(info) {}

  bool camera_moves() const { return !info_.frame_from_plane.empty(); }
  /// Whether a layer of frame `from` looks different in frame `to`.
  bool changes(int from, int to) const;
  /// The layer [H, W, 4] of frame `from` as frame `to` shows it.
  Image operator()(const Image& rgba, int from, int to, int threads) const;

 private:
  const LayerSourceInfo& info_;
};

}  // namespace retime
