#include "model/fit/fit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "model/tiny_fit.hpp"
#include "model/tiny_scene.hpp"

namespace retime {
namespace {

using test::expect_same_state;
using test::fit;
using test::message_of;
using test::metrics_of;
using test::newest_checkpoint;
using test::tiny_config;
using test::TinyScene;
using testing::HasSubstr;

constexpr int kStepsPerEpoch = 3;

class LayerFitTest : public testing::Test {
 protected:
  LayerFitTest() : threads_(at::get_num_threads()) {
    at::set_num_threads(1);
    TinyScene().write(folder_ / "scene.h5");
    scene_.emplace(folder_ / "scene.h5");
  }
  ~LayerFitTest() override { at::set_num_threads(threads_); }

  // Runs again after every stop, as a user does; returns the number of stops.
  int fit_with_stops(const FitConfig& config, const std::string& run) const {
    for (int stops = 0;; ++stops) {
      try {
        fit(*scene_, config, folder_ / run);
        return stops;
      } catch (const Stopped&) {
      }
    }
  }

  test::TemporaryFolder folder_;
  std::optional<SceneReader> scene_;

 private:
  int threads_;
};

TEST_F(LayerFitTest, TwentyEpochsAtOnceAreSevenAndThirteen) {
  for (const auto& [threads, layer_output] :
       {std::pair(1, LayerOutputKind::kCorrection), std::pair(2, LayerOutputKind::kCompletion)}) {
    at::set_num_threads(threads);
    const auto config = [&](int epochs) {
      auto result = tiny_config(epochs);
      result.model.layer_output = layer_output;
      return result;
    };
    const std::string once = "once" + std::to_string(threads), twice = "twice" + std::to_string(threads);
    fit(*scene_, config(20), folder_ / once);
    fit(*scene_, config(7), folder_ / twice);
    EXPECT_EQ(newest_checkpoint(folder_ / twice).epoch, 7);
    fit(*scene_, config(20), folder_ / twice);
    expect_same_state(folder_ / once, folder_ / twice);
    EXPECT_EQ(metrics_of(folder_ / once), metrics_of(folder_ / twice));
    EXPECT_EQ(metrics_of(folder_ / once).size(), 20U);
  }
}

TEST_F(LayerFitTest, StopsAfterEveryStepChangeNothing) {
  auto config = test::released_config(3);
  config.loss.mask_threshold = 10;  // met in the first epoch, so that the schedule's state matters
  fit(*scene_, config, folder_ / "once");
  config.train.max_seconds = 1e-9;
  EXPECT_EQ(fit_with_stops(config, "stopped"), 3 * kStepsPerEpoch);
  expect_same_state(folder_ / "once", folder_ / "stopped");
  EXPECT_EQ(metrics_of(folder_ / "once"), metrics_of(folder_ / "stopped"));
}

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

TEST_F(LayerFitTest, StopTellsThatEverythingIsSaved) {
  auto config = tiny_config(3);
  config.train.max_seconds = 1e-9;
  try {
    fit(*scene_, config, folder_ / "run");
    FAIL() << "it did not stop";
  } catch (const Stopped& stopped) {
    EXPECT_EQ(stopped.exit_code(), kExitSaved);
    EXPECT_THAT(stopped.what(), testing::AllOf(HasSubstr("time limit"), HasSubstr("step 1")));
  }
  EXPECT_EQ(newest_checkpoint(folder_ / "run").schedule.at("epoch_step"), 1);
}

TEST_F(LayerFitTest, FinishedFitIsNotFittedAgain) {
  fit(*scene_, tiny_config(2), folder_ / "run");
  const auto before = newest_checkpoint(folder_ / "run");
  fit(*scene_, tiny_config(2), folder_ / "run");
  EXPECT_EQ(newest_checkpoint(folder_ / "run").step, before.step);
  EXPECT_EQ(metrics_of(folder_ / "run").size(), 2U);
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

TEST_F(LayerFitTest, OtherArchitectureIsRefusedWithItsOptions) {
  fit(*scene_, tiny_config(1), folder_ / "run");
  auto config = tiny_config(2);
  config.model.width = 8;
  EXPECT_THAT(message_of<Error>([&] { fit(*scene_, config, folder_ / "run"); }),
              testing::AllOf(HasSubstr("width = 4 -> 8"), HasSubstr("--resume none")));
}

TEST_F(LayerFitTest, OtherSceneIsRefused) {
  fit(*scene_, tiny_config(1), folder_ / "run");
  TinyScene{.preparation = "other"}.write(folder_ / "other.h5");
  const SceneReader other(folder_ / "other.h5");
  EXPECT_THAT(message_of<Error>([&] { fit(other, tiny_config(2), folder_ / "run"); }), HasSubstr("another scene"));
  EXPECT_EQ(scene_difference("0a-7-91x96x54x2", "0a-9-60x96x54x3"), "frames 91 -> 60, objects 2 -> 3");
}

TEST_F(LayerFitTest, OtherTrainingOptionsAreAdopted) {
  auto config = tiny_config(3);
  config.train.max_seconds = 1e-9;
  EXPECT_THROW(fit(*scene_, config, folder_ / "run"), Stopped);
  config.train.max_seconds = 0;
  config.train.batch_frames = 6;
  config.train.learning_rate = 2e-3;
  config.train.seed = 5;
  EXPECT_EQ(option_changes(FitConfig::from_text(newest_checkpoint(folder_ / "run").config), config),
            "batch-frames = 4 -> 6, learning-rate = 0.001 -> 0.002, seed = 1 -> 5, max-seconds = 1e-09 -> 0");
  fit(*scene_, config, folder_ / "run");
  EXPECT_EQ(newest_checkpoint(folder_ / "run").step, 1 + 3 * 2) << "the epoch under way began anew";
  EXPECT_EQ(metrics_of(folder_ / "run").size(), 3U);
  EXPECT_EQ(metrics_of(folder_ / "run")[0].at("learning_rate"), 2e-3);
}

TEST_F(LayerFitTest, SaveThatFailsOnTheWayDoesNotEndTheFit) {
  auto config = tiny_config(3);
  config.train.checkpoint_epochs = 1;
  const CheckpointFolder folder(folder_ / "run");
  std::filesystem::create_directories(folder.path_of(2 * kStepsPerEpoch) / "in the way");
  fit(*scene_, tiny_config(3), folder_ / "once");
  fit(*scene_, config, folder_ / "run");
  expect_same_state(folder_ / "once", folder_ / "run");
  EXPECT_TRUE(std::filesystem::exists(folder.path_of(kStepsPerEpoch)));
}

TEST_F(LayerFitTest, LastSaveThatFailsIsAnErrorAndTheOneBeforeStays) {
  auto config = tiny_config(2);
  config.train.checkpoint_epochs = 1;
  const CheckpointFolder folder(folder_ / "run");
  fit(*scene_, tiny_config(1), folder_ / "run");
  const auto obstacle = folder.path_of(2 * kStepsPerEpoch) / "in the way";
  std::filesystem::create_directories(obstacle);
  config.train.resume = folder.path_of(kStepsPerEpoch).string();
  EXPECT_THAT(message_of<Error>([&] { fit(*scene_, config, folder_ / "run"); }), HasSubstr("not saved"));
  EXPECT_EQ(read_checkpoint(folder.path_of(kStepsPerEpoch)).epoch, 1);
  std::filesystem::remove(obstacle);
  std::filesystem::remove(obstacle.parent_path());
  fit(*scene_, config, folder_ / "run");
  fit(*scene_, tiny_config(2), folder_ / "once");
  expect_same_state(folder_ / "once", folder_ / "run");
  EXPECT_EQ(metrics_of(folder_ / "once"), metrics_of(folder_ / "run"));
}

TEST_F(LayerFitTest, MilestonesStay) {
  auto config = tiny_config(7);
  config.train.checkpoint_epochs = 1;
  config.train.keep_checkpoints = 1;
  config.train.keep_every = 3;
  fit(*scene_, config, folder_ / "run");
  std::vector<std::int64_t> epochs;
  for (const auto& file : CheckpointFolder(folder_ / "run").list()) epochs.push_back(read_checkpoint(file).epoch);
  EXPECT_THAT(epochs, testing::ElementsAre(7, 6, 3));
}

// Days of a fit are not lost by the name of an older file.
TEST_F(LayerFitTest, NewerCheckpointsAreSetAsideWhenAnOlderOneIsResumed) {
  auto config = tiny_config(4);
  config.train.checkpoint_epochs = 1;
  config.train.keep_checkpoints = 3;
  config.train.keep_every = 3;
  fit(*scene_, config, folder_ / "run");
  const CheckpointFolder folder(folder_ / "run");
  const auto file_of = [&](int epoch) { return folder.path_of(epoch * kStepsPerEpoch); };
  const auto milestone = test::arrays_of(read_checkpoint(file_of(3)));
  config.train.resume = file_of(2).string();
  config.train.seed = 5;
  config.train.epochs = 3;
  fit(*scene_, config, folder_ / "run");
  EXPECT_NE(test::arrays_of(read_checkpoint(file_of(3))), milestone) << "the fit's own";
  EXPECT_EQ(test::arrays_of(read_checkpoint(file_of(3).string() + ".dropped")), milestone);
  EXPECT_EQ(read_checkpoint(file_of(4).string() + ".dropped").epoch, 4);
  EXPECT_EQ(newest_checkpoint(folder_ / "run").epoch, 3);
}

TEST_F(LayerFitTest, FolderIsHeldFromTheLayersToTheUpsamplingNetwork) {
  auto config = tiny_config(1);
  config.upsample.epochs = 1;
  config.upsample.width = 4;
  config.upsample.crop = 48;
  FitSession session(folder_ / "run", config.train, {}, {{}, false});
  const auto expect_held = [&](const char* when) {
    EXPECT_THAT(message_of<Error>([&] { FolderLock(folder_ / "run"); }), HasSubstr("in use")) << when;
  };
  std::filesystem::path layers;
  {
    LayerFit fit(*scene_, config, session);
    fit.run();
    layers = fit.checkpoint();
  }
  expect_held("between the fits");
  EXPECT_EQ(read_checkpoint(layers).step, kStepsPerEpoch);
  {
    UpsampleFit training(*scene_, config, layers, session);
    training.run();
  }
  EXPECT_EQ(newest_checkpoint(folder_ / "run").step, 2 * kStepsPerEpoch);
}

TEST_F(LayerFitTest, CheckpointIsTheFileThatNeededNoMoreSteps) {
  auto config = tiny_config(2);
  config.train.checkpoint_epochs = 1;
  fit(*scene_, config, folder_ / "run");
  config.train.epochs = 1;
  config.train.resume = CheckpointFolder(folder_ / "run").path_of(kStepsPerEpoch).string();
  FitSession session(folder_ / "run", config.train, {}, {{}, false});
  LayerFit finished(*scene_, config, session);
  finished.run();
  EXPECT_EQ(finished.checkpoint(), config.train.resume);
}

TEST_F(LayerFitTest, CheckpointsThatCannotBeReadAreNotReplaced) {
  fit(*scene_, tiny_config(1), folder_ / "run");
  const auto file = CheckpointFolder(folder_ / "run").list().at(0);
  test::cut_in_half(file);
  EXPECT_THAT(message_of<Error>([&] { fit(*scene_, tiny_config(1), folder_ / "run"); }),
              testing::AllOf(HasSubstr("none of the 1 checkpoint"), HasSubstr("--resume none")));
  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST(RunFolderTest, MetricsThatCannotBeWrittenAreWrittenLater) {
  const test::TemporaryFolder folder;
  RunFolder run(folder.path());
  std::filesystem::create_symlink("/dev/full", run.metrics());
  run.append_metrics("1");
  run.append_metrics("2");
  std::filesystem::remove(run.metrics());
  run.append_metrics("3");
  EXPECT_EQ(test::read_bytes(run.metrics()), "1\n2\n3\n");
}

TEST_F(LayerFitTest, DamagedNewestCheckpointFallsBackToTheOneBefore) {
  auto config = tiny_config(4);
  fit(*scene_, config, folder_ / "once");
  config.train.epochs = 3;
  config.train.checkpoint_epochs = 1;
  fit(*scene_, config, folder_ / "run");
  const auto files = CheckpointFolder(folder_ / "run").list();
  ASSERT_EQ(files.size(), 2U) << "keep-checkpoints is 2";
  test::cut_in_half(files[0]);
  config.train.epochs = 4;
  fit(*scene_, config, folder_ / "run");
  expect_same_state(folder_ / "once", folder_ / "run");
  EXPECT_EQ(metrics_of(folder_ / "once"), metrics_of(folder_ / "run")) << "the third epoch was fitted again";
  EXPECT_TRUE(std::filesystem::exists(files[0].string() + ".damaged")) << "it is not for a fit to delete";
}

// The new fit's saves have lower step numbers than those of the old one.
TEST_F(LayerFitTest, FitThatStartsAnewKeepsItsOwnCheckpoints) {
  fit(*scene_, tiny_config(4), folder_ / "run");
  auto config = tiny_config(2);
  config.train.resume = "none";
  config.train.seed = 2;
  fit(*scene_, config, folder_ / "run");
  EXPECT_EQ(newest_checkpoint(folder_ / "run").step, 2 * kStepsPerEpoch);
  EXPECT_EQ(metrics_of(folder_ / "run").size(), 2U);
  fit(*scene_, config, folder_ / "fresh");
  expect_same_state(folder_ / "fresh", folder_ / "run");
}

TEST_F(LayerFitTest, FitGoesOnFromANamedCheckpoint) {
  auto config = tiny_config(3);
  config.train.checkpoint_epochs = 1;
  config.train.keep_checkpoints = 9;
  fit(*scene_, config, folder_ / "run");
  config.train.resume = CheckpointFolder(folder_ / "run").path_of(kStepsPerEpoch).string();
  config.train.epochs = 2;
  fit(*scene_, config, folder_ / "run");
  EXPECT_EQ(newest_checkpoint(folder_ / "run").step, 2 * kStepsPerEpoch);
  EXPECT_EQ(metrics_of(folder_ / "run").size(), 2U);
}

// Killed before its first save, a fit leaves metrics that the next one writes again.
TEST_F(LayerFitTest, MetricsOfALostFitAreDropped) {
  std::filesystem::create_directories(folder_ / "run");
  RunFolder(folder_ / "run").append_metrics(R"({"epoch": 1})");
  fit(*scene_, tiny_config(2), folder_ / "run");
  EXPECT_EQ(metrics_of(folder_ / "run").size(), 2U);
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
