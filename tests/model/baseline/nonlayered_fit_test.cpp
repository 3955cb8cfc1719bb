#include "model/baseline/nonlayered_fit.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "model/layers/composite.hpp"
#include "model/tiny_fit.hpp"
#include "model/tiny_scene.hpp"

namespace retime {
namespace {

using test::TinyScene;

SceneReader tiny_scene(const test::TemporaryFolder& folder, const TinyScene& scene) {
  scene.write(folder / "scene.h5");
  return SceneReader(folder / "scene.h5");
}

FitConfig small_config(int epochs) {
  FitConfig config = test::tiny_config(epochs);
  config.model.width = 8;
  config.model.background_texture_size = 32;
  config.train.learning_rate = 5e-3;
  return config;
}

std::vector<ObjectInstance> everybody(const SceneReader& scene, int frame) {
  std::vector<ObjectInstance> instances;
  for (const int object : scene.order()[static_cast<std::size_t>(frame)]) instances.push_back({object, frame});
  return instances;
}

// Mean absolute difference in levels over the pixels of the full size where `counts(x, y)`.
template <class Counts>
double difference(const Image& a, const Image& b, Counts counts) {
  double sum = 0;
  int pixels = 0;
  for (int y = 0; y < a.size.height; ++y)
    for (int x = 0; x < a.size.width; ++x) {
      if (!counts(x, y)) continue;
      for (int c = 0; c < 3; ++c) sum += std::abs(a.row(y)[3 * x + c] - b.row(y)[3 * x + c]);
      ++pixels;
    }
  return pixels ? sum / (3 * pixels) : 0;
}

TEST(LayTextures, NearerOnesCoverThoseBehind) {
  const auto background = torch::full({1, 2, 1, 3}, 5.0);
  auto layers = torch::zeros({1, 2, 3, 1, 3});
  layers.select(1, 0).slice(1, 0, 2).fill_(1);
  layers.select(1, 1).slice(1, 0, 2).fill_(2);
  layers[0][0][2][0] = torch::tensor({1.0, 1.0, 0.0});
  layers[0][1][2][0] = torch::tensor({0.0, 1.0, 0.5});
  const auto picture = over(background, layers);
  EXPECT_TRUE(torch::allclose(picture[0][0][0], torch::tensor({1.0F, 2.0F, 3.5F})));
  EXPECT_TRUE(torch::allclose(picture[0][1][0], picture[0][0][0]));
}

TEST(VisibleShare, BodiesHideWhatIsBehindThem) {
  const test::TemporaryFolder folder;
  const auto scene = tiny_scene(folder, {});
  const SceneData data(scene, 0, TinyScene::kFrames, false, torch::kCPU);
  for (const int t : {5, 6}) {  // they overlap, and change places between the two
    const auto batch = make_batch(data, {t}, {}, true);
    const auto share = visible_share(batch);
    for (std::int64_t s = 0; s < 2; ++s)
      for (int y = 0; y < TinyScene::kSize.height; ++y)
        for (int x = 0; x < TinyScene::kSize.width; ++x) {
          const auto object = static_cast<int>(batch.slot_object[s].item<std::int64_t>());
          if (!TinyScene::covers(object, t, 2 * x, 2 * y)) continue;
          EXPECT_EQ(share[s][0][y][x].item<float>(), TinyScene::visible(t, 2 * x, 2 * y) == object) << t << " " << x;
        }
  }
}

TEST(MovedMap, FollowsTheCameraPixelByPixel) {
  const auto map = torch::arange(1, 25, torch::kFloat).view({1, 1, 4, 6});
  const auto moved = moved_map(map, {1, 0, 2, 0, 1, -1, 0, 0, 1});  // frame (x, y) lies at (x + 2, y - 1) in the map
  for (std::int64_t y = 0; y < 4; ++y)
    for (std::int64_t x = 0; x < 6; ++x)
      EXPECT_EQ(moved[0][0][y][x].item<float>(), y >= 1 && x < 4 ? map[0][0][y - 1][x + 2].item<float>() : 0);
  EXPECT_TRUE(torch::equal(moved_map(map, kIdentityHomography), map));
}

TEST(NonlayeredFit, LearnsTheFramesAndLosesWhoIsRemoved) {
  const test::TemporaryFolder folder;
  const auto scene = tiny_scene(folder, {});
  NonlayeredFit fit(scene, small_config(40));
  std::vector<double> errors;
  const auto report = fit.run(0, [&](const FitProgress& now) { errors.push_back(now.error); });
  ASSERT_EQ(errors.size(), 40U);
  EXPECT_EQ(report.error, errors.back());
  EXPECT_LT(errors.back(), 0.25 * errors.front());

  const int t = 3;
  const auto whole = fit.render(t, everybody(scene, t));
  ASSERT_EQ(whole.size, (Size{96, 64}));
  EXPECT_LT(difference(whole, TinyScene::full_frame(t), [](int, int) { return true; }), 12);
  const auto without = fit.render(t, {{1, t}});
  const auto on_red = [&](int x, int y) { return TinyScene::visible(t, x, y) == 0; };
  const auto far_from_red = [&](int x, int y) {
    for (int dy = -16; dy <= 16; dy += 4)
      for (int dx = -16; dx <= 16; dx += 4)
        if (TinyScene::covers(0, t, x + dx, y + dy)) return false;
    return true;
  };
  EXPECT_GT(difference(without, whole, on_red), 40) << "red is still there";
  EXPECT_LT(difference(without, whole, far_from_red), 8) << "others changed too";
}

TEST(NonlayeredFit, ObjectsCanBeTakenFromOtherFrames) {
  const test::TemporaryFolder folder;
  const auto scene = tiny_scene(folder, {});
  NonlayeredFit fit(scene, small_config(1));
  fit.run(0);
  const auto pixels = [](const Image& image) { return image.pixels; };
  EXPECT_EQ(pixels(fit.render(7, {{0, 2}})), pixels(fit.render(4, {{0, 2}}))) << "the camera stands still";
  EXPECT_NE(pixels(fit.render(7, {{0, 2}})), pixels(fit.render(7, {{0, 3}})));
  EXPECT_NE(pixels(fit.render(5, {{0, 5}, {1, 5}})), pixels(fit.render(5, {{1, 5}, {0, 5}}))) << "order counts";
  EXPECT_NE(pixels(fit.render(5, {{0, 5, 0.5}})), pixels(fit.render(5, {{0, 5}})));
  EXPECT_EQ(pixels(fit.render(5, {{0, 5, 0.0}})), pixels(fit.render(5, {})));
  EXPECT_EQ(pixels(fit.render(5, {{0, 11}})), pixels(fit.render(5, {}))) << "nobody is there in frame 11";
}

TEST(NonlayeredFit, BringsMapsOfOtherFramesToTheCamera) {
  const test::TemporaryFolder folder;
  const auto scene = tiny_scene(folder, {.plate = false, .mattes = false, .camera = true});
  const SceneData data(scene, 0, TinyScene::kFrames, false, torch::kCPU);
  // The plane moves to the left by a pixel a frame: what frame 2 has at x, frame 7 has at x - 5.
  const auto original = map_in_view(data, scene.read_camera(), {0, 2}, 2);
  const auto moved = map_in_view(data, scene.read_camera(), {0, 2}, 7);
  EXPECT_TRUE(torch::equal(moved.slice(3, 0, -5), original.slice(3, 5)));
  EXPECT_EQ(moved.slice(3, -5).count_nonzero().item<std::int64_t>(), 0);
  EXPECT_GT(moved.count_nonzero().item<std::int64_t>(), 0);
  EXPECT_TRUE(torch::equal(map_in_view(data, {}, {0, 2}, 7), original)) << "no camera";

  NonlayeredFit fit(scene, small_config(1));
  fit.run(0);
  EXPECT_NE(fit.render(7, {}).pixels, fit.render(2, {}).pixels) << "each frame sees its own part of the background";
}

TEST(NonlayeredFit, RepeatsItselfAndKeepsToTheTimeLimit) {
  const test::TemporaryFolder folder;
  const auto scene = tiny_scene(folder, {});
  NonlayeredFit first(scene, small_config(2)), second(scene, small_config(2));
  EXPECT_EQ(first.run(0).error, second.run(0).error);
  EXPECT_EQ(first.render(4, {{0, 4}}).pixels, second.render(4, {{0, 4}}).pixels);
  EXPECT_LT(NonlayeredFit(scene, small_config(100000)).run(0.2).epochs, 1000);
}

TEST(NonlayeredFit, ServesAllNormsAndTheObjectNumber) {
  const test::TemporaryFolder folder;
  const auto scene = tiny_scene(folder, {});
  for (const auto& [word, norm] : kNorms) {
    auto config = small_config(2);
    config.model.norm = norm;
    config.model.object_id = true;
    NonlayeredFit fit(scene, config);
    EXPECT_TRUE(std::isfinite(fit.run(0).error)) << word;
    EXPECT_NE(fit.render(4, {{0, 4}}).pixels, fit.render(4, {}).pixels) << word;
  }
}

TEST(NonlayeredFit, SaysWhenItDiverges) {
  const test::TemporaryFolder folder;
  const auto scene = tiny_scene(folder, {});
  auto config = small_config(3);
  config.train.learning_rate = std::numeric_limits<double>::infinity();
  NonlayeredFit fit(scene, config);
  EXPECT_THROW(fit.run(0), Error);
}

}  // namespace
}  // namespace retime
