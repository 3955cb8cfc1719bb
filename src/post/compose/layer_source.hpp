#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "format/image.hpp"
#include "format/layers.hpp"
#include "format/scene.hpp"
#include "post/edit/time_map.hpp"
#include "post/video/audio_track.hpp"

namespace retime {

/// What does not change over the frames of a set of layers.
struct LayerSourceInfo {
  Size size;
  FrameRate rate;
  int frames = 0;
  std::vector<std::string> layer_names;           ///< [layers]; layer 0 is the background
  std::optional<AudioReference> audio;            ///< sound of the source clip at source frame 0
  std::vector<Homography> frame_from_plane = {};  ///< moving camera: per frame, in pixels of the layers
  SceneLighting lighting = {};                    ///< per frame; empty = not known
  bool has_residual = false;                      ///< whether `read_residual` may be asked
};

/// What is known about the depth of a clip's objects.
class LayerDepths {
 public:
  virtual ~LayerDepths() = default;

  /// The object layers (never layer 0) at source frame `frame`, back to front. Objects left out count as unknown.
  virtual std::vector<int> order(int frame) = 0;

  /// Row (pixels from the top, in the common plane if the camera moves) where the object meets the ground at that
  /// frame; nothing when that is not known.
  virtual std::optional<double> ground_contact(int /*frame*/, int /*layer*/) { return std::nullopt; }
};

/// RGBA layers per source frame, for example a layers.h5. Layer = identity: layer i is the same object in every frame.
class LayerSource : public LayerDepths {
 public:
  virtual const LayerSourceInfo& info() const = 0;

  /// Fills `rgba` [H, W, 4] with the layer at source frame `frame` in [0, frames), straight alpha.
  virtual void read(int frame, int layer, Image& rgba) = 0;

  /// Fills `residual` with what the layers miss of source frame `frame`; asked only where info().has_residual.
  virtual void read_residual(int /*frame*/, FrameResidual& /*residual*/) {}
};

/// The layers of a layers.h5, as the compositor wants them.
class LayersFileSource final : public LayerSource {
 public:
  explicit LayersFileSource(const std::filesystem::path& path);

  const LayerSourceInfo& info() const override { return info_; }
  void read(int frame, int layer, Image& rgba) override { reader_.read(frame, layer, rgba); }
  void read_residual(int frame, FrameResidual& residual) override { reader_.read_residual(frame, residual); }
  std::vector<int> order(int frame) override;
  std::optional<double> ground_contact(int frame, int layer) override;
  const LayersInfo& layers() const { return reader_.info(); }

 private:
  LayersReader reader_;
  LayerSourceInfo info_;
};

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
