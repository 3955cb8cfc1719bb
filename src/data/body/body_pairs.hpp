#pragma once

#include <filesystem>
#include <opencv2/core.hpp>
#include <vector>

#include "format/image.hpp"
#include "pose/joints.hpp"

namespace retime {

/// Real people with their joints and body maps, from a folder in the released layout: iuv_512/NAME or else iuv/NAME,
/// and keypoints.json in any form that `read_keypoints` knows, in pixels of `alphapose_input_size` of metadata.json or
/// else of the maps. Frames without a map, and maps of whom no joints are known, are left out.
class BodyPairs {
 public:
  struct Pair {
    CocoJoints joints;  ///< in pixels of the map
    double height = 0;  ///< of the body in the map, pixels
    cv::Mat iuv;        ///< CV_8UC3 of the whole picture: part (0 = not the body), U * 255, V * 255
  };

  /// Reads and checks all maps. Throws Error, also when no map has joints.
  explicit BodyPairs(const std::filesystem::path& folder);

  int count() const { return static_cast<int>(places_.size()); }
  /// Reads the map again. May be called by several threads.
  Pair at(int index) const;

 private:
  struct Place {
    std::filesystem::path file;
    int person = 0;  ///< in the file
    CocoJoints joints;
    double height = 0;
  };
  Size size_;
  std::vector<Place> places_;
};

/// A part of a picture of IUV values as a square picture of `size` pixels a side: the nearest pixel, 0 outside.
Image cropped_iuv(const cv::Mat& iuv, const SquareCrop& crop, int size);

}  // namespace retime
