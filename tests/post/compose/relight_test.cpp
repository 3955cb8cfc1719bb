#include "post/compose/relight.hpp"

#include <gtest/gtest.h>

namespace retime {
namespace {

constexpr Size kSize = {16, 8};

/// Two frames: the second one is brighter by a quarter, with an offset that grows to the right.
SceneLighting two_lights() {
  SceneLighting lighting;
  lighting.grid = {2, 1};
  lighting.gain = {1, 1, 1, 1.25F, 1.25F, 1};
  lighting.offset = {0, 0, 0, 0, 0, 0, 4, 4, 4, 12, 12, 12};
  return lighting;
}

Image gray(std::uint8_t level) {
  Image rgba(kSize, 4);
  for (std::size_t i = 0; i < rgba.pixels.size(); ++i) rgba.pixels[i] = i % 4 == 3 ? 255 : level;
  return rgba;
}

TEST(Relight, AppliesGainAndOffsetOfTheOtherFrame) {
  Image rgba = gray(100);
  relight_layer(rgba, two_lights(), 0, 1, kIdentityHomography);
  // At the grid's nodes (x = 3.5 and 11.5 in a picture 16 wide) the offset is as given, here a little beside them.
  EXPECT_NEAR(rgba.row(4)[4 * 3], 125 + 4, 1);
  EXPECT_NEAR(rgba.row(4)[4 * 12], 125 + 12, 1);
  EXPECT_NEAR(rgba.row(4)[4 * 12 + 2], 100 + 12, 1);
}

TEST(Relight, ThereAndBackIsTheSameToRounding) {
  Image rgba = gray(100);
  relight_layer(rgba, two_lights(), 0, 1, kIdentityHomography);
  relight_layer(rgba, two_lights(), 1, 0, kIdentityHomography);
  for (const auto level : rgba.pixels) EXPECT_TRUE(level == 255 || (level >= 99 && level <= 101)) << int{level};
}

TEST(Relight, TheOldOffsetIsTakenWhereThePixelWas) {
  // The picture moved by 8 pixels: its left half comes from the right half of its own frame, where the offset was 12.
  Image rgba = gray(112);
  relight_layer(rgba, two_lights(), 1, 0, {1, 0, 8, 0, 1, 0, 0, 0, 1});
  EXPECT_NEAR(rgba.row(4)[4 * 3 + 2], 100, 1);
}

TEST(Relight, TransparentPixelsStay) {
  Image rgba(kSize, 4);
  relight_layer(rgba, two_lights(), 0, 1, kIdentityHomography);
  EXPECT_EQ(rgba.pixels, Image(kSize, 4).pixels);
}

}  // namespace
}  // namespace retime
