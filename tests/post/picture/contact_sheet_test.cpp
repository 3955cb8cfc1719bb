#include "post/picture/contact_sheet.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "core/error.hpp"
#include "post/picture/bitmap_font.hpp"
#include "post/picture/scale_area.hpp"

namespace retime {
namespace {

Image flat(Size size, const std::vector<std::uint8_t>& pixel) {
  Image image(size, static_cast<int>(pixel.size()));
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = pixel[i % pixel.size()];
  return image;
}

int count_pixels(const Image& rgb, const std::vector<std::uint8_t>& pixel) {
  int count = 0;
  for (std::size_t i = 0; i < rgb.pixels.size(); i += 3)
    count += std::equal(pixel.begin(), pixel.end(), rgb.pixels.begin() + static_cast<std::ptrdiff_t>(i)) ? 1 : 0;
  return count;
}

TEST(ContactSheet, ShowsEveryTileWhole) {
  SheetOptions options;
  options.tile_width = 50;
  options.column_labels = {"0", "10"};
  const Image sheet = contact_sheet({{"input", {flat({100, 60}, {250, 0, 0}), flat({100, 60}, {0, 250, 0})}},
                                     {"alpha", {flat({100, 60}, {77}), Image()}}},
                                    options);
  EXPECT_EQ(sheet.channels, 3);
  EXPECT_EQ(count_pixels(sheet, {250, 0, 0}), 50 * 30);
  EXPECT_EQ(count_pixels(sheet, {0, 250, 0}), 50 * 30);
  EXPECT_EQ(count_pixels(sheet, {77, 77, 77}), 50 * 30);
  EXPECT_GT(sheet.size.width, 100 + text_size("input", 2).width);
}

TEST(ContactSheet, TransparencyShowsTheCheckerboard) {
  const Image board = over_checkerboard(Image({32, 32}, 4));
  EXPECT_NE(board.row(0)[0], board.row(0)[3 * 8]);
  EXPECT_EQ(board.row(0)[0], board.row(8)[3 * 8]);
  EXPECT_EQ(count_pixels(over_checkerboard(flat({32, 32}, {1, 2, 3, 255})), {1, 2, 3}), 32 * 32);
}

TEST(ContactSheet, AlphaChannel) {
  EXPECT_EQ(alpha_channel(flat({2, 1}, {1, 2, 3, 60})).pixels, (std::vector<std::uint8_t>{60, 60}));
}

TEST(ContactSheet, NoTileIsAnError) {
  EXPECT_THROW(contact_sheet({}), Error);
  EXPECT_THROW(contact_sheet({{"input", {Image()}}}), Error);
}

TEST(ScaleArea, Averages) {
  Image image({4, 2}, 1);
  image.pixels = {0, 100, 10, 20, 100, 200, 30, 40};
  EXPECT_EQ(scale_area(image, {2, 1}).pixels, (std::vector<std::uint8_t>{100, 25}));
  Image thirds({3, 1}, 1);
  thirds.pixels = {0, 90, 240};
  EXPECT_EQ(scale_area(thirds, {2, 1}).pixels, (std::vector<std::uint8_t>{30, 190}));
  EXPECT_EQ(scale_area(flat({97, 31}, {13, 14, 15}), {40, 13}).pixels, flat({40, 13}, {13, 14, 15}).pixels);
}

TEST(ScaleArea, TransparentColoursDoNotBleed) {
  Image image({2, 1}, 4);
  image.pixels = {200, 100, 50, 255, 9, 9, 9, 0};
  EXPECT_EQ(scale_area(image, {1, 1}).pixels, (std::vector<std::uint8_t>{200, 100, 50, 128}));
}

TEST(BitmapFont, MeasuresCharactersNotBytes) {
  EXPECT_EQ(text_size("ab", 1), (Size{11, 7}));
  EXPECT_EQ(text_size("\xC3\xA9", 2), (Size{10, 14}));
  EXPECT_EQ(text_size("", 2).width, 0);
}

TEST(BitmapFont, ClipsAtTheBorders) {
  Image image({6, 6}, 3);
  draw_text(image, -2, -3, "WWW", 3, {255, 255, 255});
  EXPECT_GT(count_pixels(image, {255, 255, 255}), 0);
}

TEST(BitmapFont, LettersDiffer) {
  std::set<std::string> drawn;
  for (char c = ' '; c <= '~'; ++c) {
    Image image({5, 7}, 3);
    draw_text(image, 0, 0, std::string(1, c), 1, {255, 255, 255});
    drawn.insert(std::string(image.pixels.begin(), image.pixels.end()));
  }
  EXPECT_EQ(drawn.size(), 95U);
}

}  // namespace
}  // namespace retime
