#pragma once

#include <opencv2/core.hpp>

#include "data/geometry/camera_plane.hpp"
#include "format/scene.hpp"

namespace retime {

/// The empty scene as a temporal median of the frames, without a model of light. With a moving camera the median is
/// taken in the common plane, to which every frame is resampled (bicubic), and resampled back.
class BaselineBackground {
 public:
  /// Per pixel and channel the median over the frames in which no mask, slightly dilated, covers it; where there is
  /// none, over all frames that show it.
  explicit BaselineBackground(const SceneReader& scene);
  /// CV_8UC3, at the size of the scene's full frames.
  cv::Mat frame(int index) const;

 private:
  CameraPlane plane_;
  cv::Mat plate_;  // CV_8UC3
};

}  // namespace retime
