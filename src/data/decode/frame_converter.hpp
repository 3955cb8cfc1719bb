#pragma once

#include <string>

#include "data/decode/frame_source.hpp"
#include "format/image.hpp"
#include "media/libav.hpp"

namespace retime {

/// How a frame's YCbCr is to be read.
struct FrameColour {
  AVColorSpace matrix = AVCOL_SPC_UNSPECIFIED;
  bool full_range = false;
  bool tagged = true;  ///< false: matrix guessed from the height

  bool operator==(const FrameColour&) const = default;
  /// For example "bt709 limited", or "bt601 limited (not tagged)".
  std::string name() const;
};

/// From the frame's tags; without them BT.601 below 720 lines, else BT.709, limited range.
FrameColour frame_colour(const AVFrame& frame);

/// Decoded frames of any pixel format to upright RGB with square pixels, all of one size.
class FrameConverter {
 public:
  /// The output's size follows from `first`, the shape of a pixel (width / height) and the orientation.
  FrameConverter(const AVFrame& first, double pixel_aspect, const Orientation& orientation);

  Size size() const { return size_; }

  /// Fills `rgb` [H, W, 3]. Throws Error if the pixel format cannot be converted.
  void convert(const AVFrame& frame, Image& rgb);

 private:
  /// What the scaler was made for.
  struct Input {
    int width = 0, height = 0, format = 0;
    AVChromaLocation chroma = AVCHROMA_LOC_UNSPECIFIED;
    FrameColour colour;
    bool operator==(const Input&) const = default;
  };
  void open_scaler(const Input& input);

  Orientation orientation_;
  Size size_;
  Image unturned_;
  Input input_;
  libav::Scaler scaler_;
};

}  // namespace retime
