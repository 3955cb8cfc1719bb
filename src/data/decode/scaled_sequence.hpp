#pragma once

#include "data/decode/frame_source.hpp"

namespace retime {

/// Another sequence, which must outlive it, at another size.
class ScaledSequence final : public FrameSequence {
 public:
  ScaledSequence(const FrameSequence& source, Size size) : source_(source), size_(size) {}
  int count() const override { return source_.count(); }
  Size size() const override { return size_; }
  cv::Mat frame(int index) const override;

 private:
  const FrameSequence& source_;
  Size size_;
};

/// The size itself, or with the same shape and `width` where it is wider.
Size size_up_to(Size size, int width);

}  // namespace retime
