// A step of every configuration on a device that cannot be read back: the host never waits for the device in it.
#include <gtest/gtest.h>

#include "core/temporary_folder.hpp"
#include "model/baseline/nonlayered_fit.hpp"
#include "model/config/fit_config.hpp"
#include "model/fit/upsample_task.hpp"
#include "model/loss/losses.hpp"
#include "model/meta_device.hpp"
#include "model/quarter_scene.hpp"
#include "model/state/model_state.hpp"
#include "model/step/train_step.hpp"
#include "model/tiny_scene.hpp"

namespace retime {
namespace {

using test::TinyScene;

// One of configs/, made small; its layers are fitted in float32, as this device has no autocast.
FitConfig config_of(const std::string& name) {
  FitConfig config;
  OptionTable table;
  config.add_to(table);
  table.accept_section("prepare");
  table.accept_section("compose");
  table.read_file(std::string(RETIME_SOURCE_DIR) + "/configs/" + name + ".cfg");
  config.model.width = 4;
  config.model.texture_channels = 4;
  config.model.texture_size = 4;
  config.model.background_texture_size = 8;
  config.train.bf16 = false;
  return config;
}

class MetaStep : public testing::TestWithParam<std::tuple<const char*, bool>> {
 protected:
  MetaStep() : config_(config_of(std::get<0>(GetParam()))) {
    TinyScene{.camera = std::get<1>(GetParam())}.write(folder_ / "scene.h5");
    scene_.emplace(folder_ / "scene.h5");
    config_.model.background_modes = 2;
    data_.emplace(*scene_, 0, TinyScene::kFrames, true, torch::kMeta);
  }

  // Frames with both objects, and a place without one.
  Batch batch(bool augmented) const {
    std::vector<Augmentation> augmentations;
    if (augmented)
      augmentations = {{.scale = 1.1, .brightness = 0.1, .occlusion_probability = 1, .occlusion_key = 3}, {}};
    return make_batch(*data_, {5, -1}, augmentations, config_.model.skip_absent);
  }

  LayeredModel model() const {
    LayeredModel model(config_.model, model_scene(*scene_, config_.model), nullptr);
    move_module(*model, torch::kMeta);
    return model;
  }

  test::TemporaryFolder folder_;
  FitConfig config_;
  std::optional<SceneReader> scene_;
  std::optional<SceneData> data_;
};

TEST_P(MetaStep, BatchesTravelInOneCopy) {
  for (const bool augmented : {false, true}) {
    const test::UploadCount uploads;
    const auto made = batch(augmented);
    EXPECT_EQ(uploads.count(), 1);
    EXPECT_EQ(made.occlusion.defined(), augmented);
    EXPECT_EQ(made.plane_from_frame.defined(), std::get<1>(GetParam()));
    EXPECT_TRUE(made.frames.is_meta());
  }
}

TEST_P(MetaStep, NothingIsReadBackOrUploaded) {
  auto net = model();
  const FitRanks alone(torch::kMeta);
  TrainStep step(*net, {FusedAdam::learning_of(*net)}, alone, {.most_skipped = 3});
  LossSchedule schedule(config_.loss);
  for (const bool augmented : {true, false}) {
    const auto frames = batch(augmented);
    const test::UploadCount uploads;
    const auto parts = step.make(
        [&] {
          const auto output = net->forward(frames, config_.train.bf16);
          const auto loss = evaluate_losses(output, frames, config_.loss, schedule.weights(0), *alone.collectives);
          return StepLoss{loss.total, loss.parts};
        },
        {.number = augmented ? 0 : 1, .learning_rate = 1e-3, .frames = {5, -1}});
    EXPECT_TRUE(parts.is_meta());
    for (const auto& gradient : step.optimizer().gradients()) EXPECT_TRUE(gradient.is_meta());
    EXPECT_EQ(uploads.count(), 0);
  }
}

TEST_P(MetaStep, BaselineReadsNothingBack) {
  NonlayeredModel net(config_.model, model_scene(*scene_, config_.model));
  move_module(*net, torch::kMeta);
  const auto frames = batch(true);
  const test::UploadCount uploads;
  const auto picture = net->forward(frames, config_.train.bf16);
  (picture - frames.frames).abs().mean().backward();
  EXPECT_EQ(uploads.count(), 0);
}

INSTANTIATE_TEST_SUITE_P(Configurations, MetaStep,
                         testing::Combine(testing::Values("default", "preview", "highres", "released", "patent"),
                                          testing::Bool()),
                         [](const auto& test) {
                           return std::get<0>(test.param) + std::string(std::get<1>(test.param) ? "_camera" : "");
                         });

// One doubling and two, in windows of two frames and an empty place.
TEST(MetaUpsampleStep, ReadsNothingBack) {
  const test::TemporaryFolder folder;
  TinyScene().write(folder / "2.h5");
  test::QuarterScene::write(folder / "4.h5");
  auto config = config_of("highres");
  config.upsample.width = 4;
  config.upsample.crop = 48;
  for (const char* name : {"2.h5", "4.h5"}) {
    const SceneReader scene(folder / name);
    Checkpoint layers;
    layers.config = config.text();
    layers.arrays = save_module(*LayeredModel(config.model, model_scene(scene, config.model), nullptr));
    const FitRanks alone(torch::kMeta);
    UpsampleTask task(scene, config, layers, alone);
    TrainStep step(task.module(), {FusedAdam::learning_of(task.module())}, alone, {.most_skipped = 3});
    task.begin_epoch(0, {2, 3});
    const auto parts = step.make(
        [&] {
          return task.loss({.now = {2, 3, -1}, .next = {}}, 0);
        },
        {.number = 0, .learning_rate = 1e-3, .frames = {2, 3, -1}});
    EXPECT_TRUE(parts.is_meta());
    for (const auto& gradient : step.optimizer().gradients()) EXPECT_TRUE(gradient.is_meta());
  }
}

// What the tests above hold to.
TEST(MetaDevice, ThrowsWhereAValueIsReadBackOrDevicesAreMixed) {
  const auto there = torch::zeros({2}, torch::kMeta);
  EXPECT_THROW(there.sum().item<float>(), c10::Error);
  EXPECT_THROW(there.cpu(), c10::Error);
  EXPECT_THROW(there + torch::zeros({2}), c10::Error);
  EXPECT_THROW(there.index_select(0, torch::zeros({1}, torch::kLong)), c10::Error);
}

}  // namespace
}  // namespace retime
