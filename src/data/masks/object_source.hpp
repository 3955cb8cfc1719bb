#pragma once

#include <opencv2/core.hpp>
#include <optional>
#include <vector>

#include "data/masks/mask_folder.hpp"
#include "data/masks/mask_track.hpp"
#include "format/scene.hpp"

namespace retime {

/// Where the objects of a scene come from: their masks, and the maps that a fit needs, frame by frame. Frames are
/// counted from the scene's first.
class ObjectSource {
 public:
  virtual ~ObjectSource() = default;

  /// Masks of the objects' bodies at full size; whole, also where other objects hide them, as far as the source knows.
  virtual const std::vector<MaskTrack>& tracks() const = 0;
  /// Masks of what frames show of the objects, up to a rim where masks overlap; where the source does not tell them
  /// apart, those of the bodies.
  virtual const std::vector<MaskTrack>& visible() const { return tracks(); }
  /// Indices of the objects per frame, back to front; empty when the source does not say.
  virtual std::vector<std::vector<int>> order() const { return {}; }

  /// Largest part index that an object's IUV maps may have.
  virtual int parts(int object) const = 0;
  /// `iuv`, `iuv_full` and `trimap` of an object in a frame; the rest stays empty.
  virtual ObjectMaps maps(int object, int frame) const = 0;
};

/// Sizes of a scene's pictures.
struct SceneSizes {
  Size training, full;
};

/// The objects of a folder in `frames` frames from its frame `first` on, at full size. Throws Error, also for an object
/// whose masks are all empty.
std::vector<MaskTrack> read_tracks(const MaskFolder& folder, int first, int frames, Size full,
                                   bool show_progress = false);

/// Objects without body parts: found ones, or those of a mask folder. Their texture is fixed to a box (`box_uv`).
class MaskObjects final : public ObjectSource {
 public:
  MaskObjects(std::vector<MaskTrack> tracks, const SceneSizes& sizes);
  /// The first of the tracks are those of the folder, from its frame `first` on.
  MaskObjects(std::vector<MaskTrack> tracks, const SceneSizes& sizes, MaskFolder folder, int first);

  const std::vector<MaskTrack>& tracks() const override { return tracks_; }
  int parts(int) const override { return 1; }
  /// A mask with gray pixels is a trimap that someone painted and is taken as it is; otherwise made from the mask.
  ObjectMaps maps(int object, int frame) const override;

 private:
  cv::Mat trimap(int object, int frame) const;
  const BoxMask& mask(int object, int frame) const;

  SceneSizes sizes_;
  std::optional<MaskFolder> folder_;
  int first_ = 0;
  std::vector<MaskTrack> tracks_;
  std::vector<std::vector<cv::Rect2f>> boxes_;
};

}  // namespace retime
