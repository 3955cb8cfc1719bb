#pragma once

#include <array>
#include <memory>
#include <opencv2/core.hpp>
#include <vector>

#include "data/people/checked_network.hpp"
#include "data/people/people_models.hpp"

namespace retime {

inline constexpr int kPosePoints = 33;

/// The square that the pose network looks at, in pixels of the frame.
struct PoseRegion {
  cv::Point2f centre;  ///< of the hips
  float side = 0;
  float angle = 0;  ///< radians clockwise from upright
};

struct PosePoint {
  cv::Point2f place;     ///< in pixels of the frame
  float visibility = 0;  ///< 0..1
};

/// The pose of one person in one frame.
struct Pose {
  std::array<PosePoint, kPosePoints> points;  ///< 0 nose, 11 and 12 shoulders, 23 and 24 hips, 27 and 28 ankles
  float score = 0;                            ///< that somebody is in the region, 0..1
  cv::Mat mask;                               ///< CV_32F of the frame's size: probability of the person, 0..1
  PoseRegion next;                            ///< where to look in the next frame
};

/// Finds poses and masks of people whose place is roughly known.
class PoseNetwork {
 public:
  explicit PoseNetwork(const PeopleModels& models);

  /// The region for a person found in `box`; the box itself decides where no pose is seen in it. Frames are RGB,
  /// CV_8UC3.
  PoseRegion region_of(const cv::Mat& rgb, const cv::Rect2f& box);

  /// Regions of large people in the whole frame and in squares of it, the surest first; finds some that
  /// `PersonDetector` misses, and things that are nobody.
  std::vector<PoseRegion> regions_in(const cv::Mat& rgb);

  Pose estimate(const cv::Mat& rgb, const PoseRegion& region);

 private:
  struct Candidate {
    PoseRegion region;
    float score = 0;
  };
  std::vector<Candidate> candidates(const cv::Mat& rgb, const PoseRegion& around, float least_score);

  CheckedNetwork detection_;
  CheckedNetwork landmarks_;
};

}  // namespace retime
