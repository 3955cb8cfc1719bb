#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "format/image.hpp"

namespace retime {

/// A row of a contact sheet. Tiles are gray, RGB or RGBA (shown over a checkerboard); an empty Image leaves a gap.
struct SheetRow {
  std::string label;
  std::vector<Image> tiles;
};

/// A note under the rows, RGB.
struct SheetNote {
  std::string text;
  std::array<std::uint8_t, 3> color{226, 228, 232};
};

struct SheetOptions {
  int tile_width = 240;                    ///< pixels; heights follow from the tiles
  std::vector<std::string> column_labels;  ///< for example frame numbers
  std::vector<SheetNote> notes;            ///< a paragraph each, as wide as the sheet
};

/// Frames that a sheet of a clip of `frame_count` shows, evenly spread, as many as it has columns at most.
std::vector<int> evenly_spread_frames(int frame_count, int columns = 7);

/// Rows of tiles on a dark ground, labels left, column labels on top, notes below. Returns RGB. Throws Error without
/// any tile.
Image contact_sheet(const std::vector<SheetRow>& rows, const SheetOptions& options = {});

/// The text in lines of at most `width` letters, broken at spaces where there are any; what `lines` lines do not hold
/// is left out and ends in "...".
std::vector<std::string> wrapped(const std::string& text, std::size_t width, std::size_t lines);

/// RGBA over a gray checkerboard, as RGB.
Image over_checkerboard(const Image& rgba, int square = 8);

/// The alpha channel as a gray picture.
Image alpha_channel(const Image& rgba);

}  // namespace retime
