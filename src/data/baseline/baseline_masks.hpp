#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "format/scene.hpp"

namespace retime {

/// An object's mask at the size of the full frames, CV_32F 0..1, soft over a pixel or two at its outline: its body map
/// of that size, or where its trimap is 255 in a scene without one. All 0 where the object is absent.
cv::Mat soft_mask(const SceneReader& scene, int object, int frame);

/// The masks of all objects without what objects in front of them hide.
std::vector<cv::Mat> visible_masks(const SceneReader& scene, int frame);

}  // namespace retime
