#include "model/scene/full_maps.hpp"

#include <gtest/gtest.h>
#include <torch/nn/functional/pooling.h>

#include "core/temporary_folder.hpp"
#include "model/quarter_scene.hpp"

namespace retime {
namespace {

using test::QuarterScene;
using test::TinyScene;

constexpr Size kFull{96, 64};

torch::Tensor chw(const Image& image) {
  return torch::from_blob(const_cast<std::uint8_t*>(image.pixels.data()),
                          {image.size.height, image.size.width, image.channels}, torch::kUInt8)
      .permute({2, 0, 1})
      .to(torch::kFloat);
}

torch::Tensor halved(const torch::Tensor& picture) {
  return torch::nn::functional::avg_pool2d(picture.unsqueeze(0), torch::nn::functional::AvgPool2dFuncOptions(2))[0];
}

torch::Tensor windowed(const torch::Tensor& picture, const Window& window) {
  return cut({picture.unsqueeze(0), {0, 0, static_cast<int>(picture.size(2)), static_cast<int>(picture.size(1))}},
             window)[0];
}

class FullMapsTest : public testing::Test {
 protected:
  FullMapsTest() {
    TinyScene().write(folder_ / "half.h5");
    QuarterScene::write(folder_ / "quarter.h5");
    half_.emplace(folder_ / "half.h5");
    quarter_.emplace(folder_ / "quarter.h5");
  }
  test::TemporaryFolder folder_;
  std::optional<SceneReader> half_, quarter_;
};

TEST_F(FullMapsTest, WindowsAreCutFromWhatTheSceneHolds) {
  FullMaps maps(*half_, torch::kCPU);
  const auto matte = chw(TinyScene::maps(0, 4).matte) / 255, frame = chw(TinyScene::full_frame(4)) / 127.5 - 1;
  for (const auto& window : {whole(kFull), Window{20, 5, 61, 40}, Window{90, 60, 96, 64}}) {
    EXPECT_TRUE(torch::allclose(maps.matte(0, 4, 2, window), windowed(matte, window)));
    EXPECT_TRUE(torch::allclose(maps.frame(4, 2, window), windowed(frame, window)));
  }
}

TEST_F(FullMapsTest, TrimDropsWhatWasReadLast) {
  FullMaps maps(*half_, torch::kCPU);
  const std::size_t frame_bytes = 3 * kFull.area();
  const auto first = maps.frame(1, 2, whole(kFull));
  EXPECT_EQ(maps.bytes(), frame_bytes);
  maps.frame(2, 2, whole(kFull));
  maps.matte(0, 2, 2, whole(kFull));
  EXPECT_GT(maps.bytes(), 2 * frame_bytes);
  maps.trim(2 * frame_bytes);
  EXPECT_EQ(maps.bytes(), 2 * frame_bytes);
  maps.trim(frame_bytes);
  EXPECT_EQ(maps.bytes(), frame_bytes);
  EXPECT_TRUE(maps.frame(1, 2, whole(kFull)).equal(first));
  EXPECT_EQ(maps.bytes(), frame_bytes) << "it was not read again";
  maps.forget();
  EXPECT_EQ(maps.bytes(), 0U);
  EXPECT_TRUE(maps.frame(1, 2, whole(kFull)).equal(first));
}

TEST_F(FullMapsTest, WhatIsReadAheadIsTheSame) {
  FullMaps ahead(*half_, torch::kCPU), maps(*half_, torch::kCPU);
  const auto all = whole(kFull);
  ahead.prefetch({4, -1}, true);
  for (const int t : {4, 5, 6}) {
    ahead.prefetch({t + 1}, true);
    EXPECT_TRUE(ahead.frame(t, 2, all).equal(maps.frame(t, 2, all)));
    for (const int n : {0, 1}) {
      EXPECT_TRUE(ahead.matte(n, t, 2, all).equal(maps.matte(n, t, 2, all)));
      EXPECT_TRUE(ahead.visibility(n, t, 2, all).equal(maps.visibility(n, t, 2, all)));
      EXPECT_TRUE(ahead.iuv(n, t, 2, all).equal(maps.iuv(n, t, 2, all)));
    }
    ahead.trim(1);
  }
}

// U and V in the middle of a block of 2x2 pixels: means over those of the part that the first one shows.
torch::Tensor iuv_of_block(const torch::Tensor& iuv, int x, int y) {
  const auto part = iuv[0][2 * y][2 * x].item<float>();
  auto sum = torch::zeros({3});
  for (int dy = 0; dy < 2; ++dy)
    for (int dx = 0; dx < 2; ++dx) {
      const auto pixel = iuv.select(1, 2 * y + dy).select(1, 2 * x + dx);
      if (pixel[0].item<float>() == part) sum += torch::cat({torch::ones({1}), pixel.slice(0, 1)});
    }
  return torch::cat({torch::full({1}, part), sum.slice(0, 1) / sum[0]});
}

TEST_F(FullMapsTest, SmallerScalesAreMeans) {
  FullMaps maps(*quarter_, torch::kCPU);
  const Window window{3, 5, 40, 31};
  const auto matte = chw(TinyScene::maps(1, 5).matte) / 255;
  EXPECT_TRUE(torch::allclose(maps.matte(1, 5, 2, window), windowed(halved(matte), window)));
  const auto iuv = maps.iuv(1, 5, 4, whole(kFull));
  const auto smaller = maps.iuv(1, 5, 2, window);
  int bodies = 0;
  for (int y = window.top; y < window.bottom; ++y)
    for (int x = window.left; x < window.right; ++x) {
      const auto expected = iuv_of_block(iuv, x, y),
                 pixel = smaller.select(1, y - window.top).select(1, x - window.left);
      ASSERT_TRUE(torch::allclose(pixel, expected)) << x << "," << y << ": " << pixel << expected;
      bodies += expected[0].item<float>() > 0 ? 1 : 0;
    }
  EXPECT_GT(bodies, 50);
}

TEST_F(FullMapsTest, AbsentObjectsAndEmptyPlacesHaveEmptyMaps) {
  FullMaps maps(*half_, torch::kCPU);
  const Window window{2, 3, 30, 20};
  for (const int frame : {11, -1}) {
    EXPECT_EQ(maps.matte(0, frame, 2, window).abs().max().item<float>(), 0);
    EXPECT_EQ(maps.iuv(0, frame, 2, window).abs().max().item<float>(), 0);
    EXPECT_EQ(maps.visibility(0, frame, 2, window).min().item<float>(), 1);
    EXPECT_EQ(maps.matte(0, frame, 2, window).sizes(), (std::vector<std::int64_t>{4, 17, 28}));
  }
  EXPECT_EQ(maps.frame(-1, 2, window).size(0), 3);
}

TEST(EnlargedIuv, InterpolatesWithinAPartOnly) {
  auto iuv = torch::zeros({4, 6, 3}, torch::kUInt8);
  iuv.slice(1, 1, 3).select(2, 0).fill_(1);  // part 1, U 40 and 80
  iuv.select(1, 1).select(1, 1).fill_(40);
  iuv.select(1, 2).select(1, 1).fill_(80);
  iuv.slice(1, 3, 5).select(2, 0).fill_(2);  // part 2 beside it, U 200
  iuv.slice(1, 3, 5).select(2, 1).fill_(200);
  const auto large = enlarged_iuv(iuv, 2);
  ASSERT_EQ(large.sizes(), (std::vector<std::int64_t>{8, 12, 3}));
  const std::vector<int> parts{0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 0, 0}, u{0, 0, 40, 50, 70, 80, 200, 200, 200, 200, 0, 0};
  for (std::int64_t x = 0; x < 12; ++x) {
    EXPECT_EQ(large[3][x][0].item<int>(), parts[static_cast<std::size_t>(x)]) << x;
    EXPECT_EQ(large[3][x][1].item<int>(), u[static_cast<std::size_t>(x)]) << x;
  }
}

}  // namespace
}  // namespace retime
