#pragma once

#include <optional>

#include "data/masks/mask_folder.hpp"
#include "data/masks/object_source.hpp"

namespace retime {

/// Sizes of a scene's pictures.
struct SceneSizes {
  Size training, full;
};

/// Objects without body parts: found ones, or those of a mask folder. Their texture is fixed to a box (`box_uv`).
class MaskObjects final : public ObjectSource {
 public:
  MaskObjects(std::vector<MaskTrack> tracks, const SceneSizes& sizes);
  /// Reads the masks of `frames` frames from the folder's frame `first` on. Throws Error, also for an object whose
  /// masks are all empty.
  MaskObjects(MaskFolder folder, int first, int frames, const SceneSizes& sizes);

  const std::vector<MaskTrack>& tracks() const override { return tracks_; }
  int parts(int) const override { return 1; }
  cv::Mat iuv(int object, int frame) const override;
  cv::Mat iuv_full(int object, int frame) const override;
  /// A mask with gray pixels is a trimap that someone painted and is taken as it is; otherwise made from the mask.
  cv::Mat trimap(int object, int frame) const override;

 private:
  void find_boxes();
  const BoxMask& mask(int object, int frame) const;

  SceneSizes sizes_;
  std::optional<MaskFolder> folder_;
  int first_ = 0;
  std::vector<MaskTrack> tracks_;
  std::vector<std::vector<cv::Rect2f>> boxes_;
};

}  // namespace retime
