#include "post/picture/contact_sheet.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <opencv2/imgproc.hpp>

#include "core/error.hpp"
#include "format/composite.hpp"
#include "media/mat.hpp"
#include "media/picture.hpp"

namespace retime {
namespace {

constexpr int kMargin = 16;
constexpr int kGap = 6;
constexpr int kLineHeight = 24;        // of notes
constexpr std::size_t kMostLines = 3;  // of a note
constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;
constexpr double kFontScale = 0.55;
const cv::Scalar kGround(24, 25, 28);
const cv::Scalar kEmptyTile(34, 35, 39);
const cv::Scalar kLabelColor(226, 228, 232);
const cv::Scalar kNumberColor(150, 154, 162);
constexpr std::uint8_t kLightSquare = 204;
constexpr std::uint8_t kDarkSquare = 152;

/// `text` without the bytes that go on with a character (UTF-8): OpenCV's font has ASCII, and "?" for any other byte.
std::string drawable(const std::string& text) {
  std::string result;
  std::copy_if(text.begin(), text.end(), std::back_inserter(result),
               [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  return result;
}

cv::Size text_size(const std::string& text) {
  int below_baseline = 0;
  return cv::getTextSize(drawable(text), kFont, kFontScale, 1, &below_baseline);
}

/// Draws `text` with the upper left corner of its capitals at (x, y), clipped to the picture.
void draw_text(cv::Mat rgb, int x, int y, const std::string& text, const cv::Scalar& color) {
  cv::putText(rgb, drawable(text), {x, y + text_size(text).height}, kFont, kFontScale, color, 1, cv::LINE_AA);
}

/// The tile as RGB, `width` pixels wide.
Image prepare_tile(const Image& tile, int width) {
  const double scale = static_cast<double>(width) / tile.size.width;
  const Size size = {width, std::max(1, static_cast<int>(std::lround(tile.size.height * scale)))};
  Image scaled = scale_area(tile, size);
  if (scaled.channels == 4) return over_checkerboard(scaled);
  if (scaled.channels == 3) return scaled;
  Image rgb(size, 3);
  cv::cvtColor(as_mat(scaled), as_mat(rgb), cv::COLOR_GRAY2RGB);
  return rgb;
}

/// Where things go on the sheet.
struct Layout {
  int label_width = 0;
  int tile_width = 0;
  int top = 0;
  std::vector<int> row_top;
  std::vector<int> row_height;
  Size sheet;

  int tile_left(std::size_t column) const {
    return kMargin + label_width + static_cast<int>(column) * (tile_width + kGap);
  }
};

using Tiles = std::vector<std::vector<Image>>;

Layout lay_out(const std::vector<SheetRow>& rows, const Tiles& tiles, const SheetOptions& options) {
  Layout layout;
  layout.tile_width = options.tile_width;
  std::size_t columns = options.column_labels.size();
  for (const SheetRow& row : rows) {
    columns = std::max(columns, row.tiles.size());
    if (!row.label.empty()) layout.label_width = std::max(layout.label_width, text_size(row.label).width + kMargin);
  }
  int y = kMargin;
  if (!options.column_labels.empty()) y += text_size("0").height + kGap;
  for (const auto& row : tiles) {
    int height = 0;
    for (const Image& tile : row) height = std::max(height, tile.size.height);
    layout.row_top.push_back(y);
    layout.row_height.push_back(height);
    y += height + kGap;
  }
  layout.sheet = {layout.tile_left(columns) - kGap + kMargin, y - kGap + kMargin};
  return layout;
}

void draw_row(cv::Mat sheet, const Layout& layout, std::size_t index, const SheetRow& row,
              const std::vector<Image>& tiles) {
  const int top = layout.row_top[index];
  const int label_top = top + (layout.row_height[index] - text_size(row.label).height) / 2;
  draw_text(sheet, kMargin, label_top, row.label, kLabelColor);
  for (std::size_t column = 0; column < tiles.size(); ++column) {
    const int left = layout.tile_left(column);
    const Image& tile = tiles[column];
    if (tile.pixels.empty())
      sheet({left, top, layout.tile_width, layout.row_height[index]}).setTo(kEmptyTile);
    else
      as_mat(tile).copyTo(sheet({left, top, tile.size.width, tile.size.height}));
  }
}

void draw_column_labels(cv::Mat sheet, const Layout& layout, const std::vector<std::string>& labels) {
  for (std::size_t column = 0; column < labels.size(); ++column) {
    const int width = text_size(labels[column]).width;
    draw_text(sheet, layout.tile_left(column) + (layout.tile_width - width) / 2, kMargin, labels[column], kNumberColor);
  }
}

struct NoteLine {
  std::string text;
  cv::Scalar color;
};

/// A note in lines that are at most `width` pixels wide.
std::vector<std::string> fitting_lines(const std::string& text, int width) {
  for (auto letters = static_cast<std::size_t>(std::max(20, width / text_size("i").width));; --letters) {
    auto lines = wrapped(drawable(text), letters, kMostLines);
    const auto fits = [&](const std::string& line) { return text_size(line).width <= width; };
    if (letters <= 8 || std::all_of(lines.begin(), lines.end(), fits)) return lines;
  }
}

std::vector<NoteLine> note_lines(const std::vector<SheetNote>& notes, int width) {
  std::vector<NoteLine> lines;
  for (const auto& [text, color] : notes)
    for (auto& line : fitting_lines(text, width))
      lines.push_back({std::move(line), cv::Scalar(color[0], color[1], color[2])});
  return lines;
}

}  // namespace

std::vector<std::string> wrapped(const std::string& text, std::size_t width, std::size_t lines) {
  std::vector<std::string> result;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = std::min(text.size(), begin + width);
    if (const std::size_t space = text.rfind(' ', end); end < text.size() && space > begin && space != text.npos)
      end = space;
    result.push_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(' ', end);
  }
  if (result.size() > lines) {
    result.resize(lines);
    auto& last = result.back();
    if (last.size() + 3 > width) last.resize(width - 3);
    last += "...";
  }
  return result;
}

std::vector<int> evenly_spread_frames(int frame_count, int columns) {
  std::vector<int> frames;
  const int count = std::min(frame_count, columns);
  for (int i = 0; i < count; ++i) frames.push_back(static_cast<int>((i + 0.5) * frame_count / count));
  return frames;
}

Image contact_sheet(const std::vector<SheetRow>& rows, const SheetOptions& options) {
  Tiles tiles;
  bool any = false;
  for (const SheetRow& row : rows) {
    auto& prepared = tiles.emplace_back();
    for (const Image& tile : row.tiles)
      prepared.push_back(tile.pixels.empty() ? Image() : prepare_tile(tile, options.tile_width));
    any = any || std::any_of(prepared.begin(), prepared.end(), [](const Image& tile) { return !tile.pixels.empty(); });
  }
  if (!any) throw Error("the contact sheet is empty (no tile has a picture): give at least one");
  const Layout layout = lay_out(rows, tiles, options);
  const auto notes = note_lines(options.notes, layout.sheet.width - 2 * kMargin);
  const int below = notes.empty() ? 0 : kLineHeight * static_cast<int>(notes.size());
  Image sheet({layout.sheet.width, layout.sheet.height + below}, 3);
  as_mat(sheet).setTo(kGround);
  draw_column_labels(as_mat(sheet), layout, options.column_labels);
  for (std::size_t i = 0; i < rows.size(); ++i) draw_row(as_mat(sheet), layout, i, rows[i], tiles[i]);
  for (std::size_t i = 0; i < notes.size(); ++i)
    draw_text(as_mat(sheet), kMargin, layout.sheet.height + kLineHeight * static_cast<int>(i), notes[i].text,
              notes[i].color);
  return sheet;
}

Image over_checkerboard(const Image& rgba, int square) {
  Image board(rgba.size, 4);
  for (int y = 0; y < board.size.height; ++y)
    for (int x = 0; x < board.size.width; ++x) {
      std::uint8_t* pixel = board.row(y) + 4 * x;
      std::fill_n(pixel, 3, (x / square + y / square) % 2 == 0 ? kLightSquare : kDarkSquare);
      pixel[3] = 255;
    }
  Image rgb;
  composite(std::vector<CompositeLayer>{{&board}, {&rgba}}, rgba.size, rgb, 1);
  return rgb;
}

Image alpha_channel(const Image& rgba) {
  Image alpha(rgba.size, 1);
  cv::extractChannel(as_mat(rgba), as_mat(alpha), 3);
  return alpha;
}

}  // namespace retime
