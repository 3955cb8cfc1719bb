#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "data/masks/mask_track.hpp"

namespace retime {

/// Tells maps (IUV) that cover less than the masks of their objects: what they leave out is painted by no layer.
class MapCoverage {
 public:
  explicit MapCoverage(std::size_t objects) : gaps_(objects) {}

  /// The map of an object in a frame (CV_8UC3, full size) and its mask. Frames come in ascending order.
  void add(int object, int frame, const cv::Mat& iuv, const BoxMask& mask);

  /// What is wrong with an object's maps, empty if nothing is.
  std::string problem(int object) const;

 private:
  struct Gaps {
    int frames = 0, first = -1, last = -1;
    double covered = 0;  // sum of shares
  };

  std::vector<Gaps> gaps_;
};

}  // namespace retime
