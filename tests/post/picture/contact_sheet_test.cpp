#include "post/picture/contact_sheet.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "core/error.hpp"

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
  EXPECT_GT(sheet.size.width, 100 + contact_sheet({{"", {flat({50, 30}, {0})}}}).size.width - 240);
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

TEST(ContactSheet, LabelsAreDrawnAndACharacterOfSeveralBytesIsOne) {
  const auto sheet_of = [](const std::string& label) { return contact_sheet({{label, {flat({20, 10}, {9})}}}); };
  EXPECT_NE(sheet_of("a").pixels, sheet_of("b").pixels);
  EXPECT_EQ(sheet_of("\xC3\xA9").pixels, sheet_of("?").pixels);
  EXPECT_GT(sheet_of("abc").size.width, sheet_of("a").size.width);
}

}  // namespace
}  // namespace retime
