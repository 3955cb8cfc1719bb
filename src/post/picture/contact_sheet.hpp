#pragma once

#include <string>
#include <vector>

#include "format/image.hpp"

namespace retime {

/// A row of a contact sheet. Tiles are gray, RGB or RGBA (shown over a checkerboard); an empty Image leaves a gap.
struct SheetRow {
  std::string label;
  std::vector<Image> tiles;
};

struct SheetOptions {
  int tile_width = 240;                    ///< pixels; heights follow from the tiles
  std::vector<std::string> column_labels;  ///< for example frame numbers
};

/// Frames that a sheet of a clip of `frame_count` shows, evenly spread, as many as it has columns at most.
std::vector<int> evenly_spread_frames(int frame_count, int columns = 7);

/// Rows of tiles on a dark ground, labels left, column labels on top. Returns RGB. Throws Error without any tile.
Image contact_sheet(const std::vector<SheetRow>& rows, const SheetOptions& options = {});

/// RGBA over a gray checkerboard, as RGB.
Image over_checkerboard(const Image& rgba, int square = 8);

/// The alpha channel as a gray picture.
Image alpha_channel(const Image& rgba);

}  // namespace retime
