#include <gmock/gmock.h>

#include "format/scene_fingerprint.hpp"
#include "model/fit/fit.hpp"
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

class FitSavesTest : public test::TinyFitTest {};

TEST_F(FitSavesTest, TwentyEpochsAtOnceAreSevenAndThirteen) {
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

TEST_F(FitSavesTest, StopsAfterEveryStepChangeNothing) {
  auto config = test::released_config(3);
  config.loss.mask_threshold = 10;  // met in the first epoch, so that the schedule's state matters
  fit(*scene_, config, folder_ / "once");
  config.train.max_seconds = 1e-9;
  EXPECT_EQ(fit_with_stops(config, "stopped"), 3 * kStepsPerEpoch);
  expect_same_state(folder_ / "once", folder_ / "stopped");
  EXPECT_EQ(metrics_of(folder_ / "once"), metrics_of(folder_ / "stopped"));
}

TEST_F(FitSavesTest, StopTellsThatEverythingIsSaved) {
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

TEST_F(FitSavesTest, FinishedFitIsNotFittedAgain) {
  fit(*scene_, tiny_config(2), folder_ / "run");
  const auto before = newest_checkpoint(folder_ / "run");
  fit(*scene_, tiny_config(2), folder_ / "run");
  EXPECT_EQ(newest_checkpoint(folder_ / "run").step, before.step);
  EXPECT_EQ(metrics_of(folder_ / "run").size(), 2U);
}

TEST_F(FitSavesTest, OtherArchitectureIsRefusedWithItsOptions) {
  fit(*scene_, tiny_config(1), folder_ / "run");
  auto config = tiny_config(2);
  config.model.width = 8;
  EXPECT_THAT(message_of<Error>([&] { fit(*scene_, config, folder_ / "run"); }),
              testing::AllOf(HasSubstr("width = 4 -> 8"), HasSubstr("--resume none")));
}

TEST_F(FitSavesTest, OtherSceneIsRefused) {
  fit(*scene_, tiny_config(1), folder_ / "run");
  TinyScene{.preparation = "other"}.write(folder_ / "other.h5");
  const SceneReader other(folder_ / "other.h5");
  EXPECT_THAT(message_of<Error>([&] { fit(other, tiny_config(2), folder_ / "run"); }), HasSubstr("another scene"));
  EXPECT_EQ(scene_difference("0a-7-91x96x54x2", "0a-9-60x96x54x3"), "frames 91 -> 60, objects 2 -> 3");
}

TEST_F(FitSavesTest, OtherTrainingOptionsAreAdopted) {
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

TEST_F(FitSavesTest, SaveThatFailsOnTheWayDoesNotEndTheFit) {
  auto config = tiny_config(3);
  config.train.checkpoint_epochs = 1;
  const CheckpointFolder folder(folder_ / "run");
  std::filesystem::create_directories(folder.path_of(2 * kStepsPerEpoch) / "in the way");
  fit(*scene_, tiny_config(3), folder_ / "once");
  fit(*scene_, config, folder_ / "run");
  expect_same_state(folder_ / "once", folder_ / "run");
  EXPECT_TRUE(std::filesystem::exists(folder.path_of(kStepsPerEpoch)));
}

TEST_F(FitSavesTest, LastSaveThatFailsIsAnErrorAndTheOneBeforeStays) {
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

TEST_F(FitSavesTest, MilestonesStay) {
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
TEST_F(FitSavesTest, NewerCheckpointsAreSetAsideWhenAnOlderOneIsResumed) {
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

TEST_F(FitSavesTest, FolderIsHeldFromTheLayersToTheUpsamplingNetwork) {
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

TEST_F(FitSavesTest, CheckpointIsTheFileThatNeededNoMoreSteps) {
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

TEST_F(FitSavesTest, CheckpointsThatCannotBeReadAreNotReplaced) {
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

TEST_F(FitSavesTest, DamagedNewestCheckpointFallsBackToTheOneBefore) {
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
TEST_F(FitSavesTest, FitThatStartsAnewKeepsItsOwnCheckpoints) {
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

TEST_F(FitSavesTest, FitGoesOnFromANamedCheckpoint) {
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
TEST_F(FitSavesTest, MetricsOfALostFitAreDropped) {
  std::filesystem::create_directories(folder_ / "run");
  RunFolder(folder_ / "run").append_metrics(R"({"epoch": 1})");
  fit(*scene_, tiny_config(2), folder_ / "run");
  EXPECT_EQ(metrics_of(folder_ / "run").size(), 2U);
}

}  // namespace
}  // namespace retime
