#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "format/image.hpp"
#include "format/layers.hpp"
#include "format/scene.hpp"
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
};

/// The layers of a layers.h5, as the compositor wants them.
class LayersFileSource final : public LayerSource {
 public:
  explicit LayersFileSource(const std::filesystem::path& path);

  const LayerSourceInfo& info() const override { return info_; }
  void read(int frame, int layer, Image& rgba) override { reader_.read(frame, layer, rgba); }
  std::vector<int> order(int frame) override;
  std::optional<double> ground_contact(int frame, int layer) override;
  const LayersInfo& layers() const { return reader_.info(); }

 private:
  LayersReader reader_;
  LayerSourceInfo info_;
};

}  // namespace retime
