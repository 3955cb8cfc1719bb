#pragma once

#include <memory>
#include <opencv2/core.hpp>
#include <vector>

#include "data/people/checked_network.hpp"
#include "data/people/people_models.hpp"

namespace retime {

/// A person as a box in pixels of the frame, which may reach beyond its edges.
struct PersonBox {
  cv::Rect2f box;
  float score = 0;  ///< 0..1
};

/// Finds people as boxes (SSDLite). Those smaller than a fifth of what the network sees are mostly missed; tiles show
/// it less at a time.
class PersonDetector {
 public:
  explicit PersonDetector(const PeopleModels& models);

  /// People in the whole frame (RGB, CV_8UC3) and in 2 x 2, ..., `tiles` x `tiles` tiles of it that overlap by half of
  /// their size, with a score of at least `least_score`; the best first. `tiles` = 1: the whole frame alone.
  std::vector<PersonBox> detect(const cv::Mat& rgb, int tiles = 1, float least_score = 0.5F);

 private:
  std::vector<PersonBox> detect_in(const cv::Mat& rgb, const cv::Rect& part, float least_score);

  CheckedNetwork network_;
};

}  // namespace retime
