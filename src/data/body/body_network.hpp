#pragma once

#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <vector>

#include "data/masks/mask_track.hpp"
#include "data/people/network.hpp"
#include "format/image.hpp"
#include "pose/joints.hpp"

namespace retime {

/// The map of a body in the part of a frame that it lies in.
struct BodyMap {
  cv::Rect box;  ///< in pixels of the frame
  cv::Mat iuv;   ///< CV_8UC3 of the box: DensePose's part (0 = not the body), U * 255, V * 255
};

/// Its outline, filled.
BoxMask silhouette_of(const BodyMap& map);

/// The keypoint-to-UV network: paints whole bodies, also where they are hidden, from their joints.
class BodyNetwork {
 public:
  /// `file`: a network or a checkpoint of `retime uv train`. Throws Error.
  explicit BodyNetwork(const std::filesystem::path& file);

  /// Side of the pictures that it reads and paints, pixels.
  int size() const { return size_; }
  /// What the network says of joints in pixels of its picture: "parts" and "uv" as `body_layers` has them.
  std::vector<cv::Mat> outputs(const CocoJoints& joints_in_picture);
  /// The map of the body with these joints, in pixels of the frame that they are told in. Outlines are smooth at any
  /// size. Nothing when too few joints are known, or no body is in the frame.
  std::optional<BodyMap> map_of(const CocoJoints& joints, Size frame);

 private:
  int size_ = 0;
  std::unique_ptr<Network> network_;
};

}  // namespace retime
