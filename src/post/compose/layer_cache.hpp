#pragma once

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "post/compose/layer_source.hpp"
#include "post/edit/time_map.hpp"

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

/// Pictures of the latest output frame, so that a frame that goes on being shown is not read again.
class LayerCache {
 public:
  LayerCache(LayerSource& source, int threads) : source_(source), transfer_(source.info()), threads_(threads) {}

  /// The picture of a layer at a source position, under camera and light of source frame `view`; valid until
  /// end_frame(). One view a frame.
  const Image& get(int layer, const SourcePosition& at, int view);
  /// Forgets what the frame did not show.
  void end_frame();
  /// How often a picture was read from the source.
  int reads() const { return reads_; }

 private:
  struct Entry {
    Image image;
    bool used = false;
  };
  using Key = std::pair<int, int>;  // layer, frame

  const Image& seen(int layer, int frame, int view);
  const Image& read(int layer, int frame);

  LayerSource& source_;
  FrameTransfer transfer_;
  int threads_;
  std::map<Key, Entry> entries_;
  std::map<Key, Image> transferred_;
  std::vector<std::unique_ptr<Image>> blends_;
  int reads_ = 0;
};

}  // namespace retime
