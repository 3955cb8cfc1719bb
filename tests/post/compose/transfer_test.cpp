#include "post/compose/transfer.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace retime {
namespace {

constexpr Size kWarpSize = {40, 30};

/// A smooth opaque picture.
Image waves() {
  Image rgba(kWarpSize, 4);
  for (int y = 0; y < kWarpSize.height; ++y)
    for (int x = 0; x < kWarpSize.width; ++x) {
      std::uint8_t* p = rgba.row(y) + 4 * x;
      p[0] = static_cast<std::uint8_t>(std::lround(128 + 80 * std::sin(0.35 * x)));
      p[1] = static_cast<std::uint8_t>(std::lround(128 + 80 * std::cos(0.3 * y)));
      p[2] = 200;
      p[3] = 255;
    }
  return rgba;
}

TEST(Warp, TheIdentityKeepsEveryPixel) { EXPECT_EQ(warp_layer(waves(), kIdentityHomography).pixels, waves().pixels); }

TEST(Warp, AShiftByWholePixelsMovesPixelsAndLeavesTheRestTransparent) {
  const Image source = waves(), moved = warp_layer(source, {1, 0, 5, 0, 1, -2, 0, 0, 1});
  for (int c = 0; c < 4; ++c) EXPECT_EQ(moved.row(12)[4 * 20 + c], source.row(10)[4 * 25 + c]);
  EXPECT_EQ(moved.row(12)[4 * 36 + 3], 0);
  EXPECT_EQ(moved.row(1)[4 * 20 + 3], 0);
}

TEST(Warp, HalfAPixelThereAndBackIsNearlyTheSame) {
  const Image source = waves();
  const Image there = warp_layer(source, {1, 0, 0.5, 0, 1, 0.25, 0, 0, 1});
  const Image back = warp_layer(there, {1, 0, -0.5, 0, 1, -0.25, 0, 0, 1});
  for (int y = 3; y < kWarpSize.height - 3; ++y)
    for (int x = 3; x < kWarpSize.width - 3; ++x)
      for (int c = 0; c < 4; ++c) ASSERT_NEAR(back.row(y)[4 * x + c], source.row(y)[4 * x + c], 3) << x << " " << y;
}

TEST(Warp, ATransparentSurroundingDoesNotTintTheEdge) {
  Image rgba(kWarpSize, 4);
  for (int y = 10; y < 20; ++y)
    for (int x = 10; x < 20; ++x) {
      std::uint8_t* p = rgba.row(y) + 4 * x;
      p[0] = 220, p[1] = 100, p[2] = 40, p[3] = 255;
    }
  const Image moved = warp_layer(rgba, {1, 0, 0.4, 0, 1, 0.3, 0, 0, 1});
  int partial = 0;
  for (std::size_t i = 0; i < moved.pixels.size(); i += 4) {
    if (moved.pixels[i + 3] < 8) continue;
    if (moved.pixels[i + 3] < 255) ++partial;
    EXPECT_NEAR(moved.pixels[i], 220, 1);
    EXPECT_NEAR(moved.pixels[i + 1], 100, 1);
    EXPECT_NEAR(moved.pixels[i + 2], 40, 1);
  }
  EXPECT_GT(partial, 20);
}

TEST(Warp, ThreadsDoNotChangeThePicture) {
  Image tall({16, 300}, 4);
  for (std::size_t i = 0; i < tall.pixels.size(); ++i) tall.pixels[i] = static_cast<std::uint8_t>(i * 37 % 251);
  const Homography h = {1.02, 0.01, -0.3, -0.02, 0.98, 1.7, 1e-4, 2e-5, 1};
  EXPECT_EQ(warp_layer(tall, h, 1).pixels, warp_layer(tall, h, 4).pixels);
}

constexpr Size kLitSize = {16, 8};

/// Two frames: the second one is brighter by a quarter, with an offset that grows to the right.
SceneLighting two_lights() {
  SceneLighting lighting;
  lighting.grid = {2, 1};
  lighting.gain = {1, 1, 1, 1.25F, 1.25F, 1};
  lighting.offset = {0, 0, 0, 0, 0, 0, 4, 4, 4, 12, 12, 12};
  return lighting;
}

Image gray(std::uint8_t level) {
  Image rgba(kLitSize, 4);
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
  Image rgba(kLitSize, 4);
  relight_layer(rgba, two_lights(), 0, 1, kIdentityHomography);
  EXPECT_EQ(rgba.pixels, Image(kLitSize, 4).pixels);
}

}  // namespace

}  // namespace retime
