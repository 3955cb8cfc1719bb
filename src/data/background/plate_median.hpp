#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "data/background/plate.hpp"

namespace retime {

/// What keeps a sample's pixel from showing the background, from nothing to surely. In reach: of an object's shadow.
enum Cover : uchar { kFree = 0, kInReach = 1, kNearObject = 2, kObject = 3 };

/// One frame's share of the plate, under the plate's lighting.
struct PlateSample {
  cv::Rect box;   ///< the part of the plate that it holds
  cv::Mat color;  ///< RGB, CV_8UC3, of the box's size
  cv::Mat cover;  ///< CV_8U, Cover; kObject also where the frame shows nothing
};

/// A plate of which nothing is known yet.
Plate empty_plate(Size size);

/// Sets `rows` of the plate: per pixel the median of the samples with the least cover that enough of them have, and
/// the spread around it. Pixels that no sample shows uncovered are left as they are.
void median_rows(const std::vector<PlateSample>& samples, cv::Range rows, Plate& plate);

}  // namespace retime
