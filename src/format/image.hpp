#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace retime {

/// Width and height in pixels.
struct Size {
  int width = 0;
  int height = 0;
  bool operator==(const Size&) const = default;
  std::size_t area() const { return static_cast<std::size_t>(width) * static_cast<std::size_t>(height); }
};

/// "768x432", for messages.
inline std::string size_text(Size size) { return std::to_string(size.width) + "x" + std::to_string(size.height); }

/// An 8-bit picture in memory, rows top to bottom, channels interleaved: `pixels` is [height, width, channels].
struct Image {
  Size size;
  int channels = 0;
  std::vector<std::uint8_t> pixels;

  Image() = default;
  Image(Size s, int c) : size(s), channels(c), pixels(s.area() * static_cast<std::size_t>(c)) {}

  std::uint8_t* row(int y) { return pixels.data() + static_cast<std::size_t>(y) * stride(); }
  const std::uint8_t* row(int y) const { return pixels.data() + static_cast<std::size_t>(y) * stride(); }
  std::size_t stride() const { return static_cast<std::size_t>(size.width) * static_cast<std::size_t>(channels); }
};

/// Frames per second as an exact fraction, for example 30000/1001.
struct FrameRate {
  int num = 25;
  int den = 1;
  double value() const { return static_cast<double>(num) / den; }
};

}  // namespace retime
