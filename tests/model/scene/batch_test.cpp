#include "model/scene/batch.hpp"

#include <gtest/gtest.h>
#include <torch/nn/functional/pooling.h>

#include "core/temporary_folder.hpp"
#include "model/tiny_scene.hpp"

namespace retime {
namespace {

using test::TinyScene;

torch::Tensor image_tensor(const Image& image) {
  return torch::tensor(std::vector<int>(image.pixels.begin(), image.pixels.end()), torch::kFloat)
      .view({image.size.height, image.size.width, image.channels})
      .permute({2, 0, 1});
}

std::vector<std::int64_t> values(const torch::Tensor& tensor) {
  const auto cpu = tensor.to(torch::kLong).contiguous();
  return {cpu.data_ptr<std::int64_t>(), cpu.data_ptr<std::int64_t>() + cpu.numel()};
}

class BatchTest : public testing::Test {
 protected:
  BatchTest() {
    TinyScene().write(folder_ / "scene.h5");
    scene_.emplace(folder_ / "scene.h5");
  }
  SceneData load(int first, int last) const { return SceneData(*scene_, first, last, true, torch::kCPU); }

  test::TemporaryFolder folder_;
  std::optional<SceneReader> scene_;
};

TEST_F(BatchTest, WithoutAugmentationFramesAreTheStoredOnes) {
  const auto data = load(0, TinyScene::kFrames);
  const auto batch = make_batch(data, {5, 11}, {}, true);
  EXPECT_FALSE(batch.resampled);
  EXPECT_FALSE(batch.padded);
  EXPECT_TRUE(torch::equal(batch.frames[0], image_tensor(TinyScene::base_frame(5)) / 127.5 - 1));
  EXPECT_TRUE(torch::equal(batch.frames[1], image_tensor(TinyScene::base_frame(11)) / 127.5 - 1));
  EXPECT_TRUE(torch::equal(batch.gain, torch::ones({2, 3, 1, 1})));
  EXPECT_TRUE(torch::equal(batch.offset, torch::zeros({2, 3, 1, 1})));
}

TEST_F(BatchTest, MapsAreThoseOfTheSlots) {
  const auto batch = make_batch(load(0, TinyScene::kFrames), {5, 0, 11, 9}, {}, true);
  EXPECT_EQ(values(batch.slot_frame), (std::vector<std::int64_t>{0, 0, 1, 3}));
  EXPECT_EQ(values(batch.slot_object), (std::vector<std::int64_t>{0, 1, 0, 1}));
  EXPECT_TRUE(torch::equal(batch.slot_weight, torch::ones({4})));
  const auto maps = TinyScene::maps(1, 5);
  EXPECT_TRUE(torch::equal(batch.iuv[1][0], image_tensor(maps.iuv)[0])) << "part indices stay whole";
  EXPECT_TRUE(torch::allclose(batch.iuv[1].slice(0, 1), image_tensor(maps.iuv).slice(0, 1) / 255));
  const auto trimap = image_tensor(maps.trimap);
  EXPECT_TRUE(torch::equal(batch.trimap[1], (trimap > 200).to(torch::kFloat) + 0.5 * (trimap == 128)));
  const auto matte = torch::nn::functional::avg_pool2d(image_tensor(maps.matte).unsqueeze(0),
                                                       torch::nn::functional::AvgPool2dFuncOptions(2));
  EXPECT_TRUE(torch::allclose(batch.matte[1], matte[0].round() / 255));
}

TEST_F(BatchTest, SlotsStandInDepthOrder) {
  const auto data = load(0, TinyScene::kFrames);
  const auto before = make_batch(data, {5}, {}, true), after = make_batch(data, {6}, {}, true);
  EXPECT_EQ(values(before.slot_place), (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(values(after.slot_place), (std::vector<std::int64_t>{1, 0})) << "from frame 6 on object 0 is in front";
  const auto slots = torch::tensor({10.F, 20.F}).view({2, 1, 1, 1});
  EXPECT_EQ(values(stack_layers(slots, before)), (std::vector<std::int64_t>{10, 20}));
  EXPECT_EQ(values(stack_layers(slots, after)), (std::vector<std::int64_t>{20, 10}));
}

TEST_F(BatchTest, StackHasEmptyLayersForAbsentObjects) {
  const auto batch = make_batch(load(0, TinyScene::kFrames), {0, 10, 11}, {}, true);
  const auto stack = stack_layers(torch::tensor({1.F, 2.F}).view({2, 1, 1, 1}), batch);
  EXPECT_EQ(stack.sizes(), (std::vector<std::int64_t>{3, 2, 1, 1, 1}));
  // Frame 0 has object 0 behind; frame 10 has object 1 behind; frame 11 has none.
  EXPECT_EQ(values(stack), (std::vector<std::int64_t>{1, 0, 2, 0, 0, 0}));
}

TEST_F(BatchTest, AbsentObjectsGetSlotsWhenAsked) {
  const auto batch = make_batch(load(0, TinyScene::kFrames), {0, 11}, {}, false);
  EXPECT_EQ(values(batch.slot_object), (std::vector<std::int64_t>{0, 1, 0, 1}));
  EXPECT_FALSE(batch.padded);
  EXPECT_EQ(batch.iuv.slice(0, 1).abs().max().item<float>(), 0) << "their maps are empty";
  EXPECT_GT(batch.iuv[0].max().item<float>(), 0);
}

TEST_F(BatchTest, EmptyPlacesDoNotCount) {
  const auto batch = make_batch(load(0, TinyScene::kFrames), {4, -1}, {}, true);
  EXPECT_TRUE(batch.padded);
  EXPECT_EQ(values(batch.frame_weight), (std::vector<std::int64_t>{1, 0}));
  EXPECT_EQ(values(batch.slot_frame), (std::vector<std::int64_t>{0, 0}));
  EXPECT_TRUE(torch::equal(batch.frames[1], torch::full_like(batch.frames[1], -1)));
}

TEST_F(BatchTest, BatchWithoutAnySlotGetsOneThatDoesNotCount) {
  for (const int frame : {-1, 11}) {
    const auto batch = make_batch(load(0, TinyScene::kFrames), {frame}, {}, true);
    EXPECT_TRUE(batch.padded);
    ASSERT_EQ(values(batch.slot_weight), (std::vector<std::int64_t>{0}));
    auto slots = torch::ones({1, 4, 2, 2}).requires_grad_();
    const auto stack = stack_layers(slots, batch);
    EXPECT_EQ(stack.sizes(), (std::vector<std::int64_t>{1, 2, 4, 2, 2}));
    EXPECT_EQ(stack.abs().max().item<float>(), 0);
    stack.sum().backward();  // the renderer stays part of the graph: its backward pass may be collective
    EXPECT_EQ(slots.grad().abs().max().item<float>(), 0);
  }
}

TEST_F(BatchTest, ShareOfARankIsTheSameAsTheWhole) {
  const auto whole = make_batch(load(0, TinyScene::kFrames), {8, 6}, {}, true);
  const auto share = make_batch(load(6, 9), {8, 6}, {}, true);
  EXPECT_TRUE(torch::equal(whole.frames, share.frames));
  EXPECT_TRUE(torch::equal(whole.matte, share.matte));
  EXPECT_TRUE(torch::equal(whole.iuv, share.iuv));
  EXPECT_TRUE(torch::equal(whole.slot_place, share.slot_place));
}

TEST_F(BatchTest, ShareWithoutFramesServesEmptyPlaces) {
  const auto data = load(4, 4);
  EXPECT_EQ(data.frame_count(), 0);
  const auto batch = make_batch(data, {-1}, {{}}, true);
  EXPECT_EQ(values(batch.frame_weight), (std::vector<std::int64_t>{0}));
}

// Frame 11 is the plate: at training size red is 4 x + 1 and green 4 y + 1.
TEST_F(BatchTest, ZoomShowsTheWindowItNames) {
  const Augmentation zoom{.scale = 2, .center_x = 0.25, .center_y = -0.5};
  const auto batch = make_batch(load(0, TinyScene::kFrames), {11}, {zoom}, true);
  EXPECT_TRUE(batch.resampled);
  const auto levels = (batch.frames[0] + 1) * 127.5;
  const double left = 24 + 0.25 * 24 - 12, top = 16 - 0.5 * 16 - 8;  // of the window, in pixels
  for (const int x : {0, 7, 47})
    EXPECT_NEAR(levels[0][9][x].item<double>(), 4 * (left + (x + 0.5) / 2 - 0.5) + 1, 1e-2) << x;
  for (const int y : {2, 13, 31})
    EXPECT_NEAR(levels[1][y][20].item<double>(), 4 * (top + (y + 0.5) / 2 - 0.5) + 1, 1e-2) << y;
  EXPECT_NEAR(levels[2].min().item<double>(), 90, 1e-3);
  EXPECT_NEAR(batch.grid[0][0][0][0].item<double>(), (left + 0.25) / 24 - 1, 1e-5)
      << "where the pixel lies in its frame";
}

TEST_F(BatchTest, ZoomKeepsFramesAndMapsTogether) {
  const Augmentation zoom{.scale = 1.25, .center_x = -0.2, .center_y = 0.05};
  const auto batch = make_batch(load(0, TinyScene::kFrames), {1}, {zoom}, true);
  const auto seen = (batch.frames[0][2] + 1) * 127.5 < 60;  // blue is 30 in the body and 90 around it
  const auto body = batch.iuv[0][0] > 0;
  EXPECT_LT((seen != body).sum().item<int>(), 40) << "body and map differ by more than an edge";
  EXPECT_GT(body.sum().item<int>(), 10 * 16 * 1.4);
  EXPECT_TRUE(torch::equal(body, batch.trimap[0][0] > 0));
  for (const double label : {0.3, 0.7})
    EXPECT_EQ((batch.trimap - label).abs().lt(0.15).sum().item<int>(), 0) << "labels mixed";
}

TEST_F(BatchTest, FramesAreAugmentedEachOnItsOwn) {
  const auto data = load(0, TinyScene::kFrames);
  const auto mixed = make_batch(data, {11, 3}, {{}, {.scale = 1.2}}, true);
  const auto plain = make_batch(data, {11, 3}, {}, true);
  EXPECT_LT((mixed.frames[0] - plain.frames[0]).abs().max().item<float>(), 1e-4);
  EXPECT_GT((mixed.frames[1] - plain.frames[1]).abs().max().item<float>(), 0.1);
}

TEST_F(BatchTest, BrightnessShiftsColoursAndClamps) {
  const auto data = load(0, TinyScene::kFrames);
  const auto plain = make_batch(data, {3, 4}, {}, true);
  const auto bright = make_batch(data, {3, 4}, {{.brightness = 0.3}, {}}, true);
  EXPECT_TRUE(torch::allclose(bright.frames[0], (plain.frames[0] + 0.3).clamp(-1, 1), 0, 1e-4));
  EXPECT_TRUE(torch::allclose(bright.frames[1], plain.frames[1], 0, 1e-4));
}

TEST_F(BatchTest, LightingTurnsLevelsIntoOurRange) {
  SceneInfo info;
  info.size = TinyScene::kSize;
  {
    SceneWriter writer(folder_ / "lit.h5", info);
    for (int t = 0; t < 2; ++t) writer.add_frame(TinyScene::base_frame(t), TinyScene::full_frame(t));
    writer.set_objects({"red"}, false);
    PlateImage plate{TinyScene::full_frame(11), Image({96, 64}, 1)};
    writer.write_plate(plate, {{2, 1}, {1, 1, 1, 1.1F, 0.9F, 1}, {0, 0, 0, 0, 0, 0, 5, 6, 7, 8, 9, 10}});
    writer.commit();
  }
  const SceneReader scene(folder_ / "lit.h5");
  const SceneData data(scene, 0, 2, false, torch::kCPU);
  const auto batch = make_batch(data, {1}, {}, false);
  // level' = gain * level + offset, for any level, at both ends of the grid
  for (const double level : {0.0, 100.0, 255.0})
    for (int c = 0; c < 3; ++c)
      for (int x = 0; x < 2; ++x) {
        const double gain = std::array{1.1, 0.9, 1.0}[static_cast<std::size_t>(c)], offset = 5 + c + 3 * x;
        const double ours =
            batch.gain[0][c].item<double>() * (level / 127.5 - 1) + batch.offset[0][c][0][x].item<double>();
        EXPECT_NEAR((ours + 1) * 127.5, gain * level + offset, 1e-3);
      }
}

TEST_F(BatchTest, CameraIsInverted) {
  TinyScene{.camera = true}.write(folder_ / "camera.h5");
  const SceneReader scene(folder_ / "camera.h5");
  const SceneData data(scene, 2, 6, false, torch::kCPU);
  const auto batch = make_batch(data, {5, -1}, {}, false);
  const auto expected = torch::eye(3);
  expected[0][2] = 5;
  EXPECT_TRUE(torch::allclose(batch.plane_from_frame[0], expected));
  EXPECT_TRUE(torch::allclose(batch.plane_from_frame[1], torch::eye(3)));
}

TEST_F(BatchTest, SceneTellsPartsAndPlate) {
  EXPECT_EQ(scene_->info().parts, 2);
  const auto plate = read_plate_tensor(*scene_);
  EXPECT_TRUE(torch::allclose(plate[0], image_tensor(TinyScene::full_frame(11)) / 127.5 - 1));
  TinyScene{.plate = false}.write(folder_ / "none.h5");
  EXPECT_FALSE(read_plate_tensor(SceneReader(folder_ / "none.h5")).defined());
}

}  // namespace
}  // namespace retime
