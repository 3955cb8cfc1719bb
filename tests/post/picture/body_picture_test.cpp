#include "post/picture/body_picture.hpp"

#include <gtest/gtest.h>

namespace retime {
namespace {

TEST(BodyPicture, PaintsTheBodyAloneAndTellsPartsApart) {
  Image iuv({3, 1}, 3), picture({3, 1}, 3);
  iuv.pixels = {1, 128, 128, 2, 128, 128, 0, 128, 128};
  picture.pixels.assign(9, 10);
  paint_body_map(iuv, picture, 1);
  const auto pixel = [&](int x) { return std::vector<int>(picture.row(0) + 3 * x, picture.row(0) + 3 * x + 3); };
  EXPECT_EQ(pixel(2), (std::vector<int>{10, 10, 10}));
  EXPECT_NE(pixel(0), pixel(1));
  EXPECT_GT(pixel(0)[0] + pixel(0)[1] + pixel(0)[2], 200);
}

}  // namespace
}  // namespace retime
