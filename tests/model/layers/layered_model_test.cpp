#include "model/layers/layered_model.hpp"

#include <gtest/gtest.h>

namespace retime {
namespace {

constexpr Size kModelSize{32, 32};

torch::Tensor ramp(std::int64_t height, std::int64_t width) {
  const auto x = torch::linspace(-1, 1, width).view({1, 1, 1, width}).expand({1, 3, height, width});
  return (0.5 * x).contiguous();
}

ModelOptions options_of(LayerOutputKind layer_output) {
  ModelOptions options;
  options.width = 4;
  options.layer_output = layer_output;
  return options;
}

LayeredModel model_of(const ModelOptions& options) {
  ModelScene scene;
  scene.objects = 2;
  scene.size = kModelSize;
  scene.bounds = {-0.5, 31.5, -0.5, 31.5};
  scene.plate = ramp(64, 64);
  return LayeredModel(options, scene, nullptr);
}

// One frame without augmentation at the clip's time `time`, one slot of object 0.
Batch batch_at(float time) {
  Batch batch;
  batch.frames = torch::zeros({1, 3, 32, 32});
  batch.time = torch::tensor({time});
  batch.frame_weight = batch.slot_weight = torch::ones({1});
  batch.gain = torch::ones({1, 3, 1, 1});
  batch.offset = torch::zeros({1, 3, 2, 2});
  batch.grid = torch::zeros({1, 32, 32, 2});
  batch.slot_frame = batch.slot_object = batch.slot_place = torch::zeros({1}, torch::kLong);
  batch.iuv = torch::zeros({1, 3, 32, 32});
  batch.matte = torch::rand({1, 4, 32, 32}) * 0.5;
  batch.visibility = torch::ones({1, 1, 32, 32});
  batch.object_count = 2;
  return batch;
}

TEST(LayeredModelTest, CompletionShowsTheKnownMatteWhateverTheNetworkPaints) {
  auto model = model_of(options_of(LayerOutputKind::kCompletion));
  auto batch = batch_at(0.5F);
  batch.matte.slice(1, 0, 3) *= batch.matte.slice(1, 3, 4);
  const auto output = model->forward(batch, false);
  EXPECT_TRUE(torch::allclose(output.slots.slice(1, 3, 4), batch.matte.slice(1, 3, 4), 0, 1e-6));
  batch.visibility = torch::zeros_like(batch.visibility);
  const auto hidden = model->forward(batch, false);
  EXPECT_TRUE(torch::allclose(hidden.slots, hidden.painted, 1e-4, 1e-4));
  batch.matte = torch::rand_like(batch.matte);
  EXPECT_TRUE(torch::equal(model->forward(batch, false).painted, hidden.painted))
      << "the network must not see what is hidden from it";
}

TEST(LayeredModelTest, HiddenBodiesStartFromTheColoursSeenOfThem) {
  auto model = model_of(options_of(LayerOutputKind::kCompletion));
  auto batch = batch_at(0.5F);
  batch.iuv.select(1, 0).slice(1, 8, 24).fill_(1);  // the body: part 1, all of it texel (0, 0)
  batch.visibility = torch::zeros_like(batch.visibility);
  auto sums = model->textures()->empty_sums();
  const auto red = torch::tensor({0.6F, -0.4F, -0.2F}).view({1, 3, 1, 1}).expand({1, 3, 32, 32});
  model->textures()->splat(sums, batch.slot_object, batch.iuv, red, torch::ones({1, 1, 32, 32}));
  model->set_texture_colors(sums);
  {
    const torch::NoGradGuard guard;  // a renderer that changes nothing
    for (auto& item : model->named_parameters())
      if (item.key().starts_with("renderer.out.")) item.value().zero_();
  }
  const auto painted = model->forward(batch, false).slots[0].slice(0, 0, 3);
  EXPECT_TRUE(torch::allclose(painted.slice(1, 8, 24), red[0].slice(1, 8, 24), 0, 1e-4));
  EXPECT_TRUE(torch::allclose(painted.slice(1, 0, 8), torch::zeros({3, 8, 32}), 0, 1e-4)) << "not the body";
  const auto body = model->forward(batch, false).painted.slice(1, 0, 3).sum();
  body.backward();
  EXPECT_EQ(model->named_parameters()["textures.atlas"].grad().abs().max().item<float>(), 0)
      << "what is seen of somebody is not fitted";
}

TEST(LayeredModelTest, PlateOfAMovingCameraIsSeenThroughTheHomography) {
  auto model = model_of(options_of(LayerOutputKind::kDirect));
  auto batch = batch_at(0.5F);
  const auto still = model->plate_background(batch, kModelSize);
  batch.plane_from_frame = torch::eye(3).unsqueeze(0);
  EXPECT_TRUE(torch::allclose(model->plate_background(batch, kModelSize), still, 0, 1e-5));
  batch.plane_from_frame[0][0][2] = 4;  // the frame's left edge lies 4 pixels to the right in the plane
  const auto moved = model->plate_background(batch, kModelSize);
  EXPECT_TRUE(torch::allclose(moved.slice(3, 0, 28), still.slice(3, 4, 32), 0, 1e-5));
  const auto full = model->plate_background(batch, {64, 64});
  EXPECT_EQ(full.sizes(), (std::vector<std::int64_t>{1, 3, 64, 64}));
}

TEST(LayeredModelTest, BackgroundModesChangeSmoothlyAndCancelOverTheClip) {
  auto options = options_of(LayerOutputKind::kDirect);
  options.background_modes = 1;
  auto model = model_of(options);
  const auto plain = model->plate_background(batch_at(0.5F), kModelSize);
  {
    const torch::NoGradGuard guard;
    model->named_parameters()["background_modes"].fill_(0.1);
  }
  const auto change = [&](float time) {
    return (model->plate_background(batch_at(time), kModelSize) - plain).mean().item<float>();
  };
  EXPECT_NEAR(change(0), 0.1, 1e-5);
  EXPECT_NEAR(change(0.5F), 0, 1e-5);
  EXPECT_NEAR(change(1), -0.1, 1e-5);
}

}  // namespace
}  // namespace retime
