#pragma once

#include <array>
#include <map>
#include <opencv2/core.hpp>

#include "data/people/pose_network.hpp"
#include "format/image.hpp"
#include "pose/joints.hpp"

namespace retime {

/// The probability of a person in each pixel of a frame, kept as a small crop.
class SoftMask {
 public:
  SoftMask() = default;
  /// `probability`: CV_32F of the whole frame, 0..1.
  explicit SoftMask(const cv::Mat& probability);

  /// What holds all but improbable pixels; empty for nobody.
  const cv::Rect& box() const { return box_; }
  /// CV_32F, 0..1, of a part of the frame.
  cv::Mat part(const cv::Rect& where) const;

 private:
  cv::Rect box_;
  cv::Mat crop_;  ///< CV_8U, not larger than the box
};

/// A person in one frame.
struct Sighting {
  std::array<PosePoint, kPosePoints> points;
  float score = 0;  ///< 0..1
  PoseRegion next;
  SoftMask mask;
  cv::Mat appearance;   ///< see `appearance_of`
  bool in_box = false;  ///< where a box was found too

  const cv::Point2f& hips() const { return next.centre; }
  /// Length of a body in pixels, about from head to foot when it stands.
  float size() const { return next.side / 1.25F; }
};

Sighting sighting_of(const cv::Mat& rgb, const Pose& pose);

/// How nearly two poses of one frame are the same body's, 0..1.
float pose_likeness(const Sighting& a, const Sighting& b);

/// The pose as COCO's joints; what is not seen has a low confidence.
CocoJoints coco_joints(const Sighting& sighting);

/// A person over frames that follow each other, with nobody else in between.
using Tracklet = std::map<int, Sighting>;

}  // namespace retime
