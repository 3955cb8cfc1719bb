#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "data/masks/mask_track.hpp"
#include "data/matting/effect_regions.hpp"

namespace retime {

/// One object with its shadow and reflection in one frame.
struct Matte {
  cv::Mat rgba;       ///< CV_8UC4, premultiplied RGBA: over a plate it shows rgb + (255 - a) / 255 * plate
  cv::Mat contested;  ///< CV_8U, 255 where an effect in the frame may be this object's or another's
};

/// What the frame would show without objects.
struct Backdrop {
  cv::Mat color;     ///< RGB, CV_8UC3: the plate lit as the frame is (`lit_plate`)
  cv::Mat observed;  ///< CV_8U, 255 where the colour was seen; may be empty = everywhere
  cv::Mat noise;     ///< CV_32F, standard deviation in levels (`Plate::noise`); may be empty = `MattingOptions::noise`
};

struct MattingOptions {
  float noise = 2.F;    ///< standard deviation of an unchanged pixel in levels, where the backdrop has no map
  EffectLimits limits;  ///< what is an effect
};

/// Difference matting: explains how the frame differs from the backdrop by one matte per mask, same order. Absent
/// objects get an empty picture (all zero). Composed over the backdrop, the mattes show the frame again wherever it
/// differs beyond noise within reach of an object. `anchors` (same order, may be empty): where effects of an object
/// spread from whose mask is empty, see `effect_anchors`.
std::vector<Matte> solve_mattes(const cv::Mat& frame, const Backdrop& backdrop, const std::vector<BoxMask>& masks,
                                const MattingOptions& options, const std::vector<BoxMask>& anchors = {});

/// For each track its mask in the frame or, if it is absent but was or will be at the picture's border within `max_gap`
/// frames, the mask it had or will have there: shadows come before people and leave after them.
std::vector<BoxMask> effect_anchors(const std::vector<MaskTrack>& tracks, int frame_index, Size size, int max_gap);

// Alpha of single pixels: `f` is what the frame shows, `b` the backdrop, both RGB in levels of 0..255.

/// The smallest alpha with which some colour in 0..255 over `b` gives `f`: darkening is black, brightening white.
float least_alpha(const cv::Vec3f& f, const cv::Vec3f& b);

/// Like `least_alpha` for all but the last `tolerance` levels of the difference, and less where the backdrop leaves so
/// little room that a small difference would need much alpha: elsewhere, that would be seen.
float worthwhile_alpha(const cv::Vec3f& f, const cv::Vec3f& b, float tolerance);

/// How much of the colour `object` shows in `f` over `b`, 0..1; negative if their colours are too alike to tell.
float projected_alpha(const cv::Vec3f& f, const cv::Vec3f& object, const cv::Vec3f& b);

/// Premultiplied RGBA that over `b` gives `f`, as far as a colour not above alpha can.
cv::Vec4b premultiplied(const cv::Vec3f& f, const cv::Vec3f& b, float alpha);

}  // namespace retime
