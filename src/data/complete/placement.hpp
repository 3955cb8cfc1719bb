#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "data/masks/mask_track.hpp"

namespace retime {

/// Where an object is in a frame and how large: the middle and the height of its body, in pixels.
struct BodyPlacement {
  double x = 0, y = 0, height = 1;
};

/// Of a mask: the mean column, the middle between its highest and lowest rows (without the outermost hundredth of its
/// pixels), and their distance. The mask must not be empty.
BodyPlacement placement_of(const BoxMask& mask);

/// A smooth path through the placements of the frames that `weights` (one per frame, 0 = not known) names; through
/// unknown frames it goes on as smoothly. What comes and goes within `period` frames, as a gait does, is smoothed away.
/// Empty when no weight is above 0.
std::vector<BodyPlacement> smooth_path(const std::vector<BodyPlacement>& places, const std::vector<double>& weights,
                                       double period);

/// A picture (CV_8U, its first pixel at `corner` of the frame) as it looks at `to` instead of `from`, cut to `area` of
/// the frame; 0 where it does not reach.
cv::Mat carried(const cv::Mat& picture, cv::Point corner, const BodyPlacement& from, const BodyPlacement& to,
                const cv::Rect& area);

}  // namespace retime
