#include "post/score/metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"

namespace retime {
namespace {

Image constant(Size size, int channels, int value) {
  Image image(size, channels);
  std::fill(image.pixels.begin(), image.pixels.end(), static_cast<std::uint8_t>(value));
  return image;
}

Image noise(Size size, int channels, unsigned seed) {
  Image image(size, channels);
  std::mt19937 random(seed);
  for (auto& value : image.pixels) value = static_cast<std::uint8_t>(random());
  return image;
}

constexpr Size kSize{20, 16};

TEST(SquaredError, OneLevelEverywhereIs48Decibels) {
  SquaredError error;
  error.add(constant(kSize, 3, 100), constant(kSize, 3, 101));
  EXPECT_NEAR(*error.psnr(), 48.1308, 1e-3);
}

TEST(SquaredError, PoolsFramesBeforeTheLogarithm) {
  SquaredError error;
  error.add(constant(kSize, 3, 100), constant(kSize, 3, 100));
  error.add(constant(kSize, 3, 100), constant(kSize, 3, 102));
  EXPECT_NEAR(*error.psnr(), 10 * std::log10(255.0 * 255.0 / 2), 1e-9);
}

TEST(SquaredError, CountsOnlyTheMask) {
  Image a = constant(kSize, 3, 50), mask(kSize, 1);
  Image b = a;
  b.row(3)[3 * 5] = 60;
  b.row(9)[3 * 9] = 250;
  mask.row(3)[5] = 255;
  SquaredError error;
  error.add(a, b, &mask);
  EXPECT_NEAR(*error.psnr(), 10 * std::log10(255.0 * 255.0 * 3 / 100), 1e-9);
}

TEST(SquaredError, EqualIsCappedAndNothingIsNothing) {
  SquaredError error;
  EXPECT_FALSE(error.psnr().has_value());
  error.add(noise(kSize, 3, 1), noise(kSize, 3, 1));
  EXPECT_EQ(*error.psnr(), kPsnrOfEqual);
}

TEST(SquaredError, RefusesOtherSizes) {
  SquaredError error;
  EXPECT_NE(test::message_of<Error>([&] {
              error.add(Image({4, 4}, 3), Image({4, 5}, 3));
            }).find("4x5"),
            std::string::npos);
}

TEST(Ssim, FollowsItsFormulaWhereThatIsSimple) {
  EXPECT_NEAR(ssim(noise(kSize, 3, 1), noise(kSize, 3, 1)), 1, 1e-6);
  const double c1 = 0.01 * 255 * 0.01 * 255;
  EXPECT_NEAR(ssim(constant(kSize, 3, 100), constant(kSize, 3, 140)),
              (2 * 100 * 140 + c1) / (100 * 100 + 140 * 140 + c1), 1e-4);
  EXPECT_NEAR(ssim(noise(kSize, 3, 1), noise(kSize, 3, 2)), 0, 0.2);
}

TEST(Ssim, InvertedContrastIsNegative) {
  Image a(kSize, 3), b(kSize, 3);
  for (std::size_t i = 0; i < a.pixels.size(); ++i) {
    a.pixels[i] = (i / 3) % 2 ? 110 : 140;
    b.pixels[i] = static_cast<std::uint8_t>(250 - a.pixels[i]);
  }
  const double c2 = 0.03 * 255 * 0.03 * 255, variance = 15 * 15;
  EXPECT_NEAR(ssim(a, b), (c2 - 2 * variance) / (c2 + 2 * variance), 0.01);
}

TEST(Ssim, RefusesPicturesBelowItsWindow) { EXPECT_THROW(ssim(Image({10, 30}, 3), Image({10, 30}, 3)), Error); }

TEST(LevelDifference, TellsTheFirstWorstFrame) {
  LevelDifference difference;
  difference.add(0, constant(kSize, 3, 10), constant(kSize, 3, 12));
  difference.add(1, constant(kSize, 3, 10), constant(kSize, 3, 4));
  difference.add(2, constant(kSize, 3, 10), constant(kSize, 3, 16));
  EXPECT_EQ(difference.max(), 6);
  EXPECT_EQ(difference.worst_frame(), 1);
  EXPECT_NEAR(difference.mean(), 14.0 / 3, 1e-12);
}

TEST(Flicker, IsTheChangeOfTheErrorNotTheError) {
  Flicker constant_error, alternating_error;
  for (int t = 0; t < 6; ++t) {
    const Image truth = constant(kSize, 3, 20 * t);
    const Image darker = constant(kSize, 3, 20 * t + 7), unsteady = constant(kSize, 3, 20 * t + (t % 2 ? 7 : 4));
    constant_error.add(darker, &truth);
    alternating_error.add(unsteady, &truth);
  }
  EXPECT_EQ(*constant_error.value(), 0);
  EXPECT_EQ(*alternating_error.value(), 3);
}

TEST(Flicker, WithoutTruthIsTheChangeOfTheVideo) {
  Flicker flicker;
  for (int t = 0; t < 4; ++t) flicker.add(constant(kSize, 3, 50 + 3 * (t % 2)));
  EXPECT_EQ(*flicker.value(), 3);
}

TEST(Flicker, OneFrameTellsNothing) {
  Flicker flicker;
  flicker.add(noise(kSize, 3, 1));
  EXPECT_FALSE(flicker.value().has_value());
}

TEST(Masks, DiffersLooksAtTheStrongestChannel) {
  Image a = constant(kSize, 3, 50);
  Image b = a;
  b.row(2)[3 * 7 + 1] = 53;
  b.row(4)[3 * 8 + 2] = 52;
  const Image mask = differs(a, b, 2);
  EXPECT_EQ(mask.row(2)[7], 255);
  EXPECT_EQ(mask.row(4)[8], 0);
  EXPECT_EQ(std::count(mask.pixels.begin(), mask.pixels.end(), 255), 1);
}

TEST(Masks, DilationIsThatOfASquare) {
  Image mask(kSize, 1);
  std::mt19937 random(5);
  for (auto& value : mask.pixels) value = random() % 40 == 0 ? 255 : 0;
  for (const int radius : {0, 1, 3, 30}) {
    const Image grown = dilated(mask, radius);
    for (int y = 0; y < kSize.height; ++y)
      for (int x = 0; x < kSize.width; ++x) {
        bool expected = false;
        for (int v = std::max(0, y - radius); v <= std::min(kSize.height - 1, y + radius); ++v)
          for (int u = std::max(0, x - radius); u <= std::min(kSize.width - 1, x + radius); ++u)
            expected = expected || mask.row(v)[u] != 0;
        ASSERT_EQ(grown.row(y)[x] != 0, expected) << x << "," << y << " radius " << radius;
      }
  }
}

TEST(Masks, AboveAndUnite) {
  Image picture({3, 1}, 4), mask({3, 1}, 1);
  picture.pixels = {9, 9, 9, 5, 0, 0, 0, 6, 0, 0, 0, 255};
  mask.pixels = {255, 0, 0};
  unite(mask, above(picture, 3, 6));
  EXPECT_EQ(mask.pixels, (std::vector<std::uint8_t>{255, 0, 255}));
}

}  // namespace
}  // namespace retime
