#include "model/scene/tiles.hpp"

#include <gtest/gtest.h>
#include <torch/nn/functional/upsampling.h>

namespace F = torch::nn::functional;

namespace retime {
namespace {

constexpr Size kPicture{23, 17};

torch::Tensor interpolated(const torch::Tensor& picture, int factor) {
  return F::interpolate(picture,
                        F::InterpolateFuncOptions()
                            .size(std::vector<std::int64_t>{factor * picture.size(2), factor * picture.size(3)})
                            .mode(torch::kBilinear)
                            .align_corners(false));
}

TEST(Tiles, CoverEveryPixelOnce) {
  for (const int side : {1, 5, 17, 23, 100}) {
    auto count = torch::zeros({1, 1, kPicture.height, kPicture.width});
    for (const auto& tile : tiles_of(kPicture, side)) {
      EXPECT_LE(std::max(tile.width(), tile.height()), side);
      cut({count, whole(kPicture)}, tile).add_(1);
    }
    EXPECT_TRUE(count.eq(1).all().item<bool>()) << side;
  }
}

TEST(Tiles, EnlargedWindowsAreThoseOfTheEnlargedPicture) {
  const auto picture = torch::rand({2, 3, kPicture.height, kPicture.width});
  for (const int factor : {2, 4}) {
    const Size size{factor * kPicture.width, factor * kPicture.height};
    const auto expected = interpolated(picture, factor);
    for (const auto& window : {whole(size), Window{0, 0, 1, 1}, Window{7, 3, 20, 22},
                               Window{size.width - 5, size.height - 9, size.width, size.height}}) {
      const auto found = enlarge({picture, whole(kPicture)}, kPicture, factor, window);
      EXPECT_TRUE(torch::allclose(found, cut({expected, whole(size)}, window), 0, 1e-6))
          << factor << " " << window.left;
    }
  }
}

TEST(Tiles, PatchThatReachesOnePixelFartherIsEnough) {
  const auto picture = torch::rand({1, 2, kPicture.height, kPicture.width});
  const Window window{11, 9, 30, 21};
  const Window source = grown({5, 4, 15, 11}, 1, kPicture);
  const Patch patch{cut({picture, whole(kPicture)}, source), source};
  const auto expected = enlarge({picture, whole(kPicture)}, kPicture, 2, window);
  EXPECT_TRUE(torch::allclose(enlarge(patch, kPicture, 2, window), expected, 0, 1e-6));
  const Patch narrow{cut({picture, whole(kPicture)}, {5, 4, 15, 11}), {5, 4, 15, 11}};
  EXPECT_THROW(enlarge(narrow, kPicture, 2, window), c10::Error);
}

TEST(Tiles, ColoursOfTransparentPixelsDoNotBleed) {
  auto layer = torch::zeros({1, 4, 4, 8});
  layer.slice(3, 0, 4).fill_(1);               // white and opaque to the left
  layer.slice(3, 4).slice(1, 0, 3).fill_(-1);  // black and transparent to the right
  const auto large = enlarge_layers({layer, whole({8, 4})}, {8, 4}, 2, whole({16, 8}));
  const auto seen = large.slice(1, 3, 4) > 0.01;
  EXPECT_NEAR(large.slice(1, 0, 3).masked_select(seen).min().item<float>(), 1, 1e-5);
  EXPECT_LT(large.slice(1, 3, 4).select(3, 8).max().item<float>(), 1);
}

TEST(Tiles, PaddedWindowsHaveOneSizeAndHoldWhatIsAsked) {
  const Window window{4, 4, 10, 12};
  for (const int left : {0, 1, 8, 13}) {
    const Window moved{left, left / 4, left + 10, left / 4 + 6};
    const auto result = padded(moved, 3, kPicture);
    EXPECT_EQ(result.width(), 16);
    EXPECT_EQ(result.height(), 12);
    const auto needed = grown(moved, 3, kPicture);
    EXPECT_TRUE(result.left <= needed.left && result.right >= needed.right && result.top <= needed.top &&
                result.bottom >= needed.bottom);
  }
  EXPECT_EQ(padded(window, 100, kPicture), whole(kPicture));
}

TEST(Tiles, InnerLosesOnlyWhatIsCutOff) {
  EXPECT_EQ(inner(whole(kPicture), 8, kPicture), whole(kPicture));
  EXPECT_EQ(inner({0, 2, 20, 17}, 2, kPicture), (Window{0, 4, 18, 17}));
}

}  // namespace
}  // namespace retime
