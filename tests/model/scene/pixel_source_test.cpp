#include "model/scene/pixel_source.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/temporary_folder.hpp"
#include "model/tiny_scene.hpp"

namespace retime {
namespace {

using test::TinyScene;

constexpr std::size_t kBudget = 100'000;  // a few frames of TinyScene

/// Batches of three frames, the last of them with an empty place; both objects of each frame, also where absent.
std::vector<std::vector<int>> batches() { return {{0, 4, 11}, {5, 5, 2}, {9, 3, 1}, {10, 8, 7}, {6, -1, 0}}; }

std::vector<MapPlace> maps_of(const std::vector<int>& frames) {
  std::vector<MapPlace> maps;
  for (std::size_t b = 0; b < frames.size(); ++b)
    for (int object = 0; object < TinyScene::kObjects; ++object) maps.push_back({static_cast<std::int64_t>(b), object});
  return maps;
}

BatchPixels gathered(PixelSource& source, const std::vector<int>& frames, const std::vector<MapPlace>& maps) {
  return source.gather(frames, maps, source.rows(frames, maps));
}

bool same(const torch::Tensor& a, const torch::Tensor& b) {
  return a.defined() == b.defined() && (!a.defined() || torch::equal(a, b));
}

class PixelSourceTest : public testing::Test {
 protected:
  PixelSourceTest() { TinyScene().write(folder_ / "scene.h5"); }

  test::TemporaryFolder folder_;
};

TEST_F(PixelSourceTest, ResidentPixelsAreTheScenes) {
  const SceneReader scene(folder_ / "scene.h5");
  ResidentPixels source({scene, true}, 0, TinyScene::kFrames, torch::kCPU);
  const auto pixels = gathered(source, {4, -1}, {{0, 1}, {1, 0}});
  const auto frame = TinyScene::base_frame(4);
  const auto expected = TinyScene::maps(1, 4);
  const auto equals = [](const torch::Tensor& found, const Image& image) {
    return std::equal(image.pixels.begin(), image.pixels.end(), found.data_ptr<std::uint8_t>());
  };
  EXPECT_TRUE(equals(pixels.frames[0], frame));
  EXPECT_TRUE(equals(pixels.maps.iuv[0], expected.iuv));
  EXPECT_TRUE(equals(pixels.maps.trimap[0], expected.trimap));
  const auto& [iuv, trimap, matte, visibility] = pixels.maps;
  for (const auto& tensor : {pixels.frames, iuv, trimap, matte, visibility})
    EXPECT_EQ(tensor[1].count_nonzero().item<std::int64_t>(), 0) << "an empty place";
}

// With a thread that reads ahead, in the order that was told, in another one, and with nothing told.
TEST_F(PixelSourceTest, StreamedPixelsAreTheResidentOnes) {
  const SceneReader scene(folder_ / "scene.h5");
  for (const bool with_mattes : {true, false}) {
    const PixelReader reader(scene, with_mattes);
    ResidentPixels resident(reader, 0, TinyScene::kFrames, torch::kCPU);
    for (const int told : {0, 1, 2}) {
      StreamedPixels streamed(reader, 0, TinyScene::kFrames, torch::kCPU, kBudget);
      std::vector<int> coming;
      for (const auto& frames : batches())
        for (const int frame : frames)
          if (frame >= 0) coming.push_back(frame);
      if (told == 2) std::reverse(coming.begin(), coming.end());
      if (told > 0) streamed.expect(coming);
      for (const auto& frames : batches()) {
        const auto a = gathered(resident, frames, maps_of(frames)), b = gathered(streamed, frames, maps_of(frames));
        EXPECT_TRUE(same(a.frames, b.frames) && same(a.maps.iuv, b.maps.iuv) && same(a.maps.trimap, b.maps.trimap));
        EXPECT_TRUE(same(a.maps.matte, b.maps.matte) && same(a.maps.visibility, b.maps.visibility));
        EXPECT_EQ(a.maps.matte.defined(), with_mattes);
      }
      EXPECT_LE(streamed.stream().most_bytes(), kBudget);
    }
  }
}

}  // namespace
}  // namespace retime
