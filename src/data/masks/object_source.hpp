#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "data/masks/mask_track.hpp"

namespace retime {

/// Where the objects of a scene come from: their masks, and the maps that a fit needs, frame by frame. Frames are
/// counted from the scene's first.
class ObjectSource {
 public:
  virtual ~ObjectSource() = default;

  /// Masks of the objects' bodies at full size; whole, also where other objects hide them, as far as the source knows.
  virtual const std::vector<MaskTrack>& tracks() const = 0;
  /// Indices of the objects per frame, back to front; empty when the source does not say.
  virtual std::vector<std::vector<int>> order() const { return {}; }

  /// Largest part index that an object's IUV maps may have.
  virtual int parts(int object) const = 0;
  /// IUV map (part, U * 255, V * 255), CV_8UC3, at training size and at full size.
  virtual cv::Mat iuv(int object, int frame) const = 0;
  virtual cv::Mat iuv_full(int object, int frame) const = 0;
  /// Trimap (255, 128, 0), CV_8U, at training size.
  virtual cv::Mat trimap(int object, int frame) const = 0;
};

}  // namespace retime
