#pragma once

#include <optional>
#include <vector>

#include "format/scene.hpp"
#include "post/compose/frame_parts.hpp"
#include "post/score/truth_folder.hpp"

namespace retime {

/// Where the background is hidden or tinted by some object in some frame: pixels with an alpha above 0.02 in any true
/// layer of any frame. With a moving camera the frames' masks are united in the common plane, at training size.
class EverCovered {
 public:
  /// Processes that share the frames all make one.
  EverCovered(const TruthFolder& truth, const std::optional<CameraPath>& camera, const FrameParts& parts = {});
  /// Mask [2H, 2W, 1] for the pixels of this frame, one of this process's share.
  const Image& mask(int frame) const { return masks_.at(masks_.size() == 1 ? 0 : static_cast<std::size_t>(frame)); }

 private:
  std::vector<Image> masks_;  // one for all frames, or one each
};

}  // namespace retime
