#pragma once

#include <opencv2/core.hpp>

#include "format/image.hpp"

namespace retime {

/// Random access to the frames of a clip. Callers read mostly in ascending order and keep few frames at a time.
class FrameSequence {
 public:
  virtual ~FrameSequence() = default;

  /// Number of frames.
  virtual int count() const = 0;
  /// Size of every frame in pixels.
  virtual Size size() const = 0;
  /// Frame `index` in [0, count()): RGB, CV_8UC3, owned by the caller.
  virtual cv::Mat frame(int index) const = 0;
};

}  // namespace retime
