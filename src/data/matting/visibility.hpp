#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "data/masks/mask_track.hpp"

namespace retime {

/// What can be seen of every object: its masks without what the objects in front of it cover. `order`: per frame,
/// indices of the tracks back to front.
std::vector<MaskTrack> visible_tracks(const std::vector<MaskTrack>& tracks, const std::vector<std::vector<int>>& order,
                                      Size size, bool show_progress = false);

/// All objects in one frame.
struct FrameObjects {
  const std::vector<BoxMask>& bodies;   ///< whole, also where hidden
  const std::vector<BoxMask>& anchors;  ///< where their effects spread from (`effect_anchors`)
  const std::vector<int>& order;        ///< indices back to front
};

/// Where the difference matte of `object` is known in one frame: CV_8U, 255 known, 0 where the mask of an object in
/// front hides it or its effects, 128 where `contested` (CV_8U, see Matte; may be empty), in between at the rim of
/// what hides it. Objects out of reach of this one hide nothing.
cv::Mat matte_visibility(int object, const FrameObjects& frame, const cv::Mat& contested, Size size);

}  // namespace retime
