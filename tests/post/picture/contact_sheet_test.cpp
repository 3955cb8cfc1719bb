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

TEST(Wrapped, BreaksAtSpacesAndTellsWhatIsLeftOut) {
  EXPECT_EQ(wrapped("one two three", 8, 3), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(wrapped("unbreakable", 4, 9), (std::vector<std::string>{"unbr", "eaka", "ble"}));
  EXPECT_EQ(wrapped("one two three four", 8, 2), (std::vector<std::string>{"one two", "three..."}));
  EXPECT_EQ(wrapped("one two three four five", 10, 2), (std::vector<std::string>{"one two", "three f..."}));
}

TEST(ContactSheet, NotesStandBelowWhole) {
  SheetOptions options;
  options.tile_width = 200;
  const Image bare = contact_sheet({{"", {flat({50, 30}, {90})}}}, options);
  std::string text;
  for (int i = 0; i < 12; ++i) text += "many words ";
  options.notes = {{"short", {250, 20, 20}}, {text, {20, 250, 20}}};
  const Image sheet = contact_sheet({{"", {flat({50, 30}, {90})}}}, options);
  ASSERT_GT(sheet.size.height, bare.size.height);
  ASSERT_EQ(sheet.size.width, bare.size.width);
  int red = 0, green = 0, at_border = 0;
  for (int y = bare.size.height; y < sheet.size.height; ++y)
    for (int x = 0; x < sheet.size.width; ++x) {
      const auto* pixel = sheet.row(y) + 3 * x;
      red += pixel[0] > 150 && pixel[1] < 100;
      green += pixel[1] > 150 && pixel[0] < 100;
      at_border += pixel[1] > 150 && (x + 4 > sheet.size.width || y + 2 > sheet.size.height);
    }
  EXPECT_GT(red, 20);
  EXPECT_GT(green, 4 * red);
  EXPECT_EQ(at_border, 0);
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
