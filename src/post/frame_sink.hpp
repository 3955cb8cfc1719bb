#pragma once

#include "core/image.hpp"

namespace retime {

/// Where finished frames go: a video file, a folder of pictures, or a test.
class FrameSink {
 public:
  virtual ~FrameSink() = default;

  /// Takes the next frame, `rgb` [H, W, 3]. All frames must have one size. Throws Error when it cannot be stored.
  virtual void add(const Image& rgb) = 0;

  /// Completes the output. Without this call (an exception, a kill) nothing appears under the final name.
  virtual void finish() = 0;
};

}  // namespace retime
