#include "post/picture/ruler.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace retime {
namespace {

TEST(Ruler, MarksStandAtTheirPixelsAndTheMiddleStaysAsItIs) {
  Image picture({320, 200}, 3);
  std::fill(picture.pixels.begin(), picture.pixels.end(), std::uint8_t{90});
  const Image before = picture;
  draw_ruler(picture, 17);
  const auto value = [&](int x, int y) { return int{picture.row(y)[3 * x]}; };
  for (const int at : {50, 100, 150}) {
    EXPECT_EQ(value(at, 0), 255) << at;
    EXPECT_EQ(value(0, at), 255) << at;
    EXPECT_EQ(value(at + 5, 0), 90) << at;
  }
  for (int y = 60; y < 195; ++y)
    EXPECT_TRUE(std::equal(picture.row(y) + 3 * 60, picture.row(y + 1), before.row(y) + 3 * 60)) << y;
  Image other = before;
  draw_ruler(other, 18);
  EXPECT_NE(other.pixels, picture.pixels);
}

}  // namespace
}  // namespace retime
