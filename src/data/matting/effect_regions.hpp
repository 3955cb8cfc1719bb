#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "data/masks/mask_track.hpp"

namespace retime {

/// Which pixels the objects change, bodies included, and whose they are.
struct EffectRegions {
  cv::Mat weight;     ///< CV_32F, 0 = background, 1 = changed beyond doubt
  cv::Mat owner;      ///< CV_32S, index of the object, -1 = nobody
  cv::Mat claimants;  ///< CV_32S, `claim_bit` of every object whose effect this may be; 0 = the owner is clear
};

/// How far an object's effects may lie from it and how sure a change must be.
struct EffectLimits {
  float low = 2.5F, high = 5.F;  ///< standard deviations, smoothed difference
  float least_levels = 3.F;      ///< changes below this many levels are none
  float reach = 0.8F;            ///< of the object's height, of effects that stand alone
  float far_reach = 1.6F;        ///< likewise, of darkening that is connected to an object: long shadows
  float min_reach = 0.08F;       ///< of the picture's width
  float border_reach = 0.3F;     ///< likewise, of an object that the picture's border cuts: it is larger than it looks
};

/// An object's bit among the claimants of an effect.
int claim_bit(int object);

/// How far the connected effects of an object with this box may lie from it, in pixels of a picture of `size`.
float effect_reach(const cv::Rect& box, cv::Size size, const EffectLimits& limits);

/// Finds them from `difference` = frame - backdrop (CV_32FC3, levels). `noise`: CV_32F, levels. `anchors`: one per
/// object, where its effects spread from; those with an empty box have none.
EffectRegions find_effects(const cv::Mat& difference, const cv::Mat& noise, const std::vector<BoxMask>& anchors,
                           const EffectLimits& limits);

}  // namespace retime
