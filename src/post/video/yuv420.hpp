#pragma once

#include "format/image.hpp"
#include "media/libav.hpp"

namespace retime {

/// RGB to 4:2:0 in BT.709 limited range (ITU-R BT.709-6, items 3.2 to 3.4) through swscale. Chroma sits on the left
/// pixel of each pair and between the rows, as H.264 assumes: filtered by 1/4 1/2 1/4 along a row, 1/2 1/2 down.
class Yuv420Converter {
 public:
  /// For pictures of `size`, both even. Throws Error.
  explicit Yuv420Converter(Size size);

  /// Fills a frame of that size in AV_PIX_FMT_YUV420P from `rgb` [H, W, 3].
  void operator()(const Image& rgb, AVFrame& yuv) const;

 private:
  libav::Scaler scaler_;
};

}  // namespace retime
