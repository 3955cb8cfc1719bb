#include "data/matting/matte_alpha.hpp"

#include <gtest/gtest.h>

namespace retime {
namespace {

cv::Vec3f over(const cv::Vec4b& rgba, const cv::Vec3f& b) {
  return cv::Vec3f(rgba[0], rgba[1], rgba[2]) + (1.F - static_cast<float>(rgba[3]) / 255.F) * b;
}

TEST(MatteAlpha, DarkeningIsBlackWithPartialAlpha) {
  const cv::Vec3f b(200, 100, 50), f = 0.7F * b;
  const float alpha = least_alpha(f, b);
  EXPECT_NEAR(alpha, 0.3F, 1e-5F);
  const cv::Vec4b rgba = premultiplied(f, b, alpha);
  for (int c = 0; c < 3; ++c) EXPECT_LE(rgba[c], 1);
}

TEST(MatteAlpha, LeastAlphaReproducesAnyColour) {
  const cv::Vec3f b(90, 140, 200);
  for (const cv::Vec3f& f :
       {cv::Vec3f(0, 0, 0), cv::Vec3f(255, 255, 255), cv::Vec3f(255, 0, 120), cv::Vec3f(95, 139, 201)}) {
    const cv::Vec3f shown = over(premultiplied(f, b, least_alpha(f, b)), b);
    for (int c = 0; c < 3; ++c) EXPECT_NEAR(shown[c], f[c], 1.2F);
  }
  EXPECT_EQ(least_alpha(b, b), 0.F);
}

TEST(MatteAlpha, NoiseNeedsNoAlpha) {
  const cv::Vec3f b(90, 140, 200);
  EXPECT_EQ(tolerant_alpha(b + cv::Vec3f(3, -3, 2), b), 0.F);
  EXPECT_GT(tolerant_alpha(b - cv::Vec3f(20, 20, 20), b), 0.05F);
}

TEST(MatteAlpha, EdgePixelsAreProjectedBetweenObjectAndBackdrop) {
  const cv::Vec3f b(200, 200, 200), object(20, 40, 60);
  EXPECT_NEAR(projected_alpha(0.25F * object + 0.75F * b, object, b), 0.25F, 1e-4F);
  EXPECT_EQ(projected_alpha(cv::Vec3f(255, 255, 255), object, b), 0.F);
  EXPECT_LT(projected_alpha(b, b + cv::Vec3f(5, 5, 5), b), 0.F) << "too alike to tell";
}

}  // namespace
}  // namespace retime
