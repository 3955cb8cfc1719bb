#pragma once

#include <opencv2/core.hpp>

#include "data/masks/mask_track.hpp"

namespace retime {

/// Area of a fragment relative to the whole, at most.
inline constexpr float kFragmentShare = 0.6F;

/// True if a smaller part lies where the rest of an upright object could be: beside its box, or above or below it with
/// a gap as bodies have whose clothes look like the background.
bool adjoins(const cv::Rect& part, const cv::Rect& whole);

/// True if `part` adjoined `whole`, and was smaller, for most of its life.
bool is_fragment(const SparseMasks& part, const SparseMasks& whole);

/// Adds the masks of `part` to those of `whole` and empties `part`.
void absorb(SparseMasks& part, SparseMasks& whole);

}  // namespace retime
