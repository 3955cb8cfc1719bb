#include "format/homography.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace retime {
namespace {

constexpr Homography kTilted = {1.1, 0.2, -30, -0.05, 0.9, 12, 0.0004, -0.0002, 1};

TEST(Homography, AProductMapsAsOneAfterTheOther) {
  const Homography shift = {1, 0, 7, 0, 1, -3, 0, 0, 1};
  const PlanePoint p = project(kTilted, project(shift, {40, 25})), q = project(product(kTilted, shift), {40, 25});
  EXPECT_NEAR(p.x, q.x, 1e-9);
  EXPECT_NEAR(p.y, q.y, 1e-9);
}

TEST(Homography, TheInverseLeadsBack) {
  const PlanePoint p = project(inverse(kTilted), project(kTilted, {123, 45}));
  EXPECT_NEAR(p.x, 123, 1e-9);
  EXPECT_NEAR(p.y, 45, 1e-9);
  EXPECT_THROW(inverse({1, 2, 0, 2, 4, 0, 0, 0, 1}), Error);
}

TEST(Homography, ScaledPixelsKeepTheCornersOfPictures) {
  // In pictures twice as large, pixel x is centred at 2 x + 0.5.
  const PlanePoint p = project(kTilted, {40, 25}), q = project(in_scaled_pixels(kTilted, 2, 4), {80.5, 101.5});
  EXPECT_NEAR(q.x, 2 * p.x + 0.5, 1e-9);
  EXPECT_NEAR(q.y, 4 * p.y + 1.5, 1e-9);
}

}  // namespace
}  // namespace retime
