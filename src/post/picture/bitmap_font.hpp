#pragma once

#include <string>

#include "format/image.hpp"

namespace retime {

struct Color {
  std::uint8_t r, g, b;
};

/// Size in pixels of `text` in the built-in 5x7 font with each dot `dot` pixels wide.
Size text_size(const std::string& text, int dot);

/// Draws `text` into `rgb` with its upper left corner at (x, y), clipped to the picture. Printable ASCII is known, any
/// other character is drawn as an empty box.
void draw_text(Image& rgb, int x, int y, const std::string& text, int dot, Color color);

}  // namespace retime
