#pragma once

#include <memory>
#include <opencv2/core.hpp>
#include <vector>

#include "data/people/people_models.hpp"
#include "data/people/person_detector.hpp"
#include "data/people/pose_network.hpp"

namespace retime {

/// What finds people in single frames (RGB, CV_8UC3).
class PeopleFinder {
 public:
  virtual ~PeopleFinder() = default;
  /// Boxes around people, the surest first.
  virtual std::vector<PersonBox> boxes(const cv::Mat& rgb) = 0;
  /// Regions of people, among them some who have no box.
  virtual std::vector<PoseRegion> regions(const cv::Mat& rgb) = 0;
  /// Where to look for the pose of the person in a box.
  virtual PoseRegion region_of(const cv::Mat& rgb, const cv::Rect2f& box) = 0;
  virtual Pose estimate(const cv::Mat& rgb, const PoseRegion& region) = 0;
};

/// The networks; boxes from up to 2 x 2 tiles of a frame.
std::unique_ptr<PeopleFinder> people_networks(const PeopleModels& models);

}  // namespace retime
