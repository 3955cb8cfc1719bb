#include "data/decode/scaled_sequence.hpp"

#include <algorithm>
#include <opencv2/imgproc.hpp>

namespace retime {

cv::Mat ScaledSequence::frame(int index) const {
  cv::Mat frame = source_.frame(index);
  if (source_.size() != size_) cv::resize(frame, frame, {size_.width, size_.height}, 0, 0, cv::INTER_AREA);
  return frame;
}

Size size_up_to(Size size, int width) {
  if (size.width <= width) return size;
  return {width, std::max(1, size.height * width / size.width)};
}

}  // namespace retime
