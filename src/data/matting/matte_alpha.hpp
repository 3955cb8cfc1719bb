#pragma once

#include <opencv2/core.hpp>

namespace retime {

// Alpha of single pixels: `f` is what the frame shows, `b` the backdrop, both RGB in levels of 0..255.

/// The smallest alpha with which some colour in 0..255 over `b` gives `f`: darkening is black, brightening white.
float least_alpha(const cv::Vec3f& f, const cv::Vec3f& b);

/// Like `least_alpha` for all but the last few levels of the difference, which are noise and would make alpha rough.
float tolerant_alpha(const cv::Vec3f& f, const cv::Vec3f& b);

/// How much of the colour `object` shows in `f` over `b`, 0..1; negative if their colours are too alike to tell.
float projected_alpha(const cv::Vec3f& f, const cv::Vec3f& object, const cv::Vec3f& b);

/// Premultiplied RGBA that over `b` gives `f`, as far as a colour not above alpha can.
cv::Vec4b premultiplied(const cv::Vec3f& f, const cv::Vec3f& b, float alpha);

}  // namespace retime
