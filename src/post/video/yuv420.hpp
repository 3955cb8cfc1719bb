#pragma once

#include <cstdint>

#include "format/image.hpp"

namespace retime {

/// Three planes of a 4:2:0 picture, full size and twice half size, with the bytes from row to row.
struct Yuv420 {
  std::uint8_t* y;
  std::uint8_t* cb;
  std::uint8_t* cr;
  int y_stride;
  int cb_stride;
  int cr_stride;
};

/// RGB [H, W, 3] with even H and W to BT.709 limited range (ITU-R BT.709-6, items 3.2 to 3.4), each value rounded once.
/// Chroma sits on the left pixel of each pair and between the rows, as H.264 assumes.
void rgb_to_yuv420(const Image& rgb, const Yuv420& yuv);

}  // namespace retime
