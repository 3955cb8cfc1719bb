#include "model/fit/fit.hpp"

#include <gmock/gmock.h>

#include "model/fit/tiny_fit_fixture.hpp"

namespace retime {
namespace {

using test::expect_same_state;
using test::fit;
using test::kStepsPerEpoch;
using test::message_of;
using test::metrics_of;
using test::newest_checkpoint;
using test::tiny_config;
using test::TinyScene;
using testing::HasSubstr;

class LayerFitTest : public test::TinyFitTest {};

// With a cache for a few frames, whose pixels are read while the fit goes on.
TEST_F(LayerFitTest, StreamedFramesMakeTheSameFit) {
  for (const auto layer_output : {LayerOutputKind::kCorrection, LayerOutputKind::kCompletion}) {
    auto config = tiny_config(4);
    config.model.layer_output = layer_output;
    const auto& name = word_of(kLayerOutputs, layer_output);
    fit(*scene_, config, folder_ / name);
    config.train.cache_gib = 150e3 / (1 << 30);
    config.train.preview_epochs = 2;
    int previews = 0;
    FitSession session(folder_ / (name + "_streamed"), config.train, {}, {[&](auto&&...) { ++previews; }, false});
    LayerFit streamed(*scene_, config, session);
    streamed.run();
    expect_same_state(folder_ / name, folder_ / (name + "_streamed"));
    EXPECT_EQ(previews, 2);
    ASSERT_NE(streamed.data().stream(), nullptr);
    EXPECT_GT(streamed.data().bytes(), 200'000U) << "the share is larger than the cache";
    EXPECT_LE(streamed.data().stream()->most_bytes(), 150'000U);
  }
}

TEST_F(LayerFitTest, LossFalls) {
  auto config = tiny_config(40);
  config.model.layer_output = LayerOutputKind::kDirect;  // starts from nothing
  config.train.learning_rate = 1e-2;
  fit(*scene_, config, folder_ / "run");
  const auto lines = metrics_of(folder_ / "run");
  const auto at = [&](std::size_t epoch, const char* name) { return lines.at(epoch).at(name).get<double>(); };
  EXPECT_LT(at(39, "reconstruction"), 0.6 * at(0, "reconstruction"));
  EXPECT_LT(at(39, "matting"), 0.6 * at(0, "matting"));
}

TEST_F(LayerFitTest, FitFromMattesStartsNearTheFrames) {
  auto config = tiny_config(1);
  fit(*scene_, config, folder_ / "correction");
  config.model.layer_output = LayerOutputKind::kDirect;
  fit(*scene_, config, folder_ / "direct");
  const double correction = metrics_of(folder_ / "correction")[0].at("reconstruction");
  EXPECT_LT(correction, 0.05);
  EXPECT_LT(correction, 0.3 * metrics_of(folder_ / "direct")[0].at("reconstruction").get<double>());
}

TEST_F(LayerFitTest, MetricsTellEveryLossAndWeight) {
  fit(*scene_, test::patent_config(3), folder_ / "run");
  const auto lines = metrics_of(folder_ / "run");
  ASSERT_EQ(lines.size(), 3U);
  for (const char* name : {"reconstruction", "mask", "matting", "sparsity", "learning_rate"})
    EXPECT_TRUE(lines[0].at(name).is_number()) << name;
  EXPECT_EQ(lines[2].at("epoch"), 3);
  EXPECT_EQ(lines[2].at("step"), 3 * kStepsPerEpoch);
  EXPECT_EQ(lines[0].at("mask_weight"), 50);
  EXPECT_EQ(lines[1].at("mask_weight"), 5);
  EXPECT_EQ(lines[2].at("mask_weight"), 0);
  EXPECT_GT(lines[0].at("mask").get<double>(), 0);
}

TEST_F(LayerFitTest, PublishedReadingsFit) {
  for (const auto& config : {test::released_config(2), test::patent_config(2)}) {
    const std::string run = config.loss.mask_loss == MaskLoss::kPatent ? "patent" : "released";
    fit(*scene_, config, folder_ / run);
    for (const auto& line : metrics_of(folder_ / run)) EXPECT_TRUE(line.at("mask").is_number()) << line;
    const auto arrays = test::arrays_of(newest_checkpoint(folder_ / run));
    EXPECT_TRUE(arrays.contains("parameters/background.texture"));
    EXPECT_FALSE(arrays.contains("parameters/plate"));
    EXPECT_TRUE(arrays.contains("buffers/renderer.e2_norm.running_var"));
  }
}

TEST_F(LayerFitTest, EveryNormFits) {
  for (const auto& [norm_word, norm] : kNorms)
    for (const auto& [background_word, background] : kBackgrounds) {
      const auto run = folder_ / (norm_word + background_word);
      auto config = tiny_config(1);
      config.model.norm = norm;
      config.model.background = background;
      config.train.batch_frames = 1;  // some steps see no object at all
      SCOPED_TRACE(run.filename());
      fit(*scene_, config, run);
      const auto arrays = test::arrays_of(newest_checkpoint(run));
      for (const auto& [name, values] : arrays)
        for (const float value : values) ASSERT_TRUE(std::isfinite(value)) << name;
      EXPECT_THAT(arrays.at("adam_second/renderer.e1.weight"), testing::Contains(testing::Gt(0))) << "no gradient";
      const bool has_statistics = norm_word.ends_with("batch");
      ASSERT_EQ(arrays.contains("buffers/renderer.e2_norm.running_var"), has_statistics);
      if (has_statistics) {
        EXPECT_THAT(arrays.at("buffers/renderer.e2_norm.running_var"), testing::Each(testing::Ne(1))) << "never seen";
      }
      EXPECT_EQ(arrays.contains("parameters/background.texture"), background == BackgroundKind::kNeural);
    }
}

TEST_F(LayerFitTest, MovingCameraFallsBackToANeuralBackground) {
  TinyScene{.plate = false, .mattes = false, .camera = true}.write(folder_ / "moving.h5");
  const SceneReader scene(folder_ / "moving.h5");
  fit(scene, tiny_config(2), folder_ / "run");
  const auto config = FitConfig::from_text(newest_checkpoint(folder_ / "run").config);
  EXPECT_EQ(config.model.background, BackgroundKind::kNeural);
  EXPECT_EQ(config.model.layer_output, LayerOutputKind::kDirect);
  EXPECT_EQ(config.loss.mask_loss, MaskLoss::kPatent);
  EXPECT_NO_THROW(fit(scene, tiny_config(3), folder_ / "run")) << "the fallback is the same when resumed";
}

TEST_F(LayerFitTest, MasksGuideAFitWhoseMattesWouldHaveStayed) {
  FitConfig config;
  config.model.background = BackgroundKind::kNeural;
  config.train.epochs = 30;
  ASSERT_EQ(config.loss.matting_epochs, 0);
  const auto fitting = fitting_config(config, scene_->info());
  EXPECT_EQ(fitting.loss.mask_loss, MaskLoss::kPatent);
  const LossSchedule schedule(fitting.loss);
  EXPECT_EQ(schedule.weights(0).mask, 50);
  EXPECT_EQ(schedule.weights(29).mask, 5);
}

TEST_F(LayerFitTest, SceneWithPlateButNoMattesLearnsFromMasks) {
  TinyScene{.mattes = false}.write(folder_ / "plain.h5");
  const SceneReader scene(folder_ / "plain.h5");
  fit(scene, tiny_config(1), folder_ / "run");
  const auto config = FitConfig::from_text(newest_checkpoint(folder_ / "run").config);
  EXPECT_EQ(config.model.background, BackgroundKind::kPlate);
  EXPECT_EQ(config.model.layer_output, LayerOutputKind::kDirect);
  EXPECT_EQ(config.loss.mask_loss, MaskLoss::kPatent);
}

TEST_F(LayerFitTest, DivergedFitIsAnError) {
  auto config = tiny_config(20);
  config.train.learning_rate = 1e30;
  EXPECT_THAT(message_of<Error>([&] { fit(*scene_, config, folder_ / "run"); }), HasSubstr("not finite"));
}

TEST_F(LayerFitTest, BfloatStaysCloseToFloat) {
  auto config = tiny_config(3);
  config.model.layer_output = LayerOutputKind::kDirect;
  config.model.width = 8;
  fit(*scene_, config, folder_ / "float");
  config.train.bf16 = true;
  fit(*scene_, config, folder_ / "bfloat");
  const auto exact = metrics_of(folder_ / "float"), rough = metrics_of(folder_ / "bfloat");
  for (std::size_t i = 0; i < exact.size(); ++i)
    for (const char* name : {"reconstruction", "matting", "sparsity"}) {
      const double value = exact[i].at(name);
      EXPECT_NEAR(rough[i].at(name).get<double>(), value, 0.03 * value) << name;
    }
  EXPECT_NE(exact, rough) << "bfloat16 was not used";
}

TEST_F(LayerFitTest, PreviewsShowFrameCompositeAndLayers) {
  auto config = tiny_config(2);
  config.train.preview_epochs = 1;
  std::vector<std::string> names;
  Image picture;
  const auto keep = [&](const std::filesystem::path& stem, const Image& rgb) {
    names.push_back(stem.filename().string());
    picture = rgb;
  };
  fit(*scene_, config, folder_ / "run", {}, {keep});
  EXPECT_THAT(names, testing::ElementsAre("epoch_000001", "epoch_000002"));
  ASSERT_EQ(picture.size, (Size{5 * 48, 32}));
  int best = 0, same = 0;  // the first panel is one of the frames
  for (int t = 0; t < TinyScene::kFrames; ++t) {
    const auto frame = TinyScene::base_frame(t);
    same = 0;
    for (int y = 0; y < 32; ++y) same += std::equal(frame.row(y), frame.row(y) + 48 * 3, picture.row(y));
    best = std::max(best, same);
  }
  EXPECT_EQ(best, 32);
}

TEST_F(LayerFitTest, RunFolderKnowsItsSceneAndConfiguration) {
  const auto config = tiny_config(1);
  fit(*scene_, config, folder_ / "run");
  const RunFolder run(folder_ / "run");
  EXPECT_TRUE(std::filesystem::equivalent(run.scene(), folder_ / "scene.h5"));
  EXPECT_EQ(test::read_bytes(folder_ / "run" / "config.cfg"), config.text());
  std::filesystem::create_directory(folder_ / "moved");
  std::filesystem::rename(folder_ / "run", folder_ / "moved" / "run");
  std::filesystem::rename(folder_ / "scene.h5", folder_ / "moved" / "scene.h5");
  EXPECT_TRUE(
      std::filesystem::equivalent(RunFolder(folder_ / "moved" / "run").scene(), folder_ / "moved" / "scene.h5"));
  std::filesystem::remove(folder_ / "moved" / "scene.h5");
  EXPECT_THAT(message_of<Error>([&] { RunFolder(folder_ / "moved" / "run").scene(); }), HasSubstr("--scene"));
  EXPECT_THAT(message_of<Error>([&] { RunFolder(folder_.path()).scene(); }), HasSubstr("no run.json"));
}

}  // namespace
}  // namespace retime
