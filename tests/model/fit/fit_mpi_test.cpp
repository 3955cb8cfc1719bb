// A fit and a rendering by several ranks give what one rank alone gives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "core/error.hpp"
#include "format/layers.hpp"
#include "model/rank_fits.hpp"
#include "model/render/layer_renderer.hpp"
#include "ranks/rank_agreement.hpp"

namespace retime::test {
namespace {

constexpr double kTolerance = 1e-4;
/// With the published losses a difference of a frame may be next to nothing: its sign, which is its gradient, is that
/// of rounding then, and one step of Adam in another direction shows in the biases of norms, which have hardly left 0.
constexpr double kOfSmallArrays = 1e-2;

using LayerFitRanks = RankFits;

double norm_of(const Checkpoint& checkpoint, const std::string& prefix) {
  double sum = 0;
  for (const auto& [name, values] : arrays_of(checkpoint))
    for (const float value : values)
      if (name.starts_with(prefix)) sum += std::pow(static_cast<double>(value), 2);
  return std::sqrt(sum);
}

struct Way {
  const char* name;
  NormKind norm;
  std::optional<LayerOutputKind> layer_output;  ///< none: patent_config
  int batch_frames;
  double tolerance = kTolerance;  ///< of each array of parameters
};

class LayerFitWays : public LayerFitRanks, public testing::WithParamInterface<Way> {
 protected:
  static constexpr int kSteps = 20;  // or a few more, to the end of an epoch

  static FitConfig config() {
    const Way& way = GetParam();
    const bool neural = !way.layer_output;
    const int steps_per_epoch = (TinyScene::kFrames + way.batch_frames - 1) / way.batch_frames;
    const int epochs = (kSteps + steps_per_epoch - 1) / steps_per_epoch;
    auto config = neural ? patent_config(epochs) : tiny_config(epochs);
    config.model.norm = way.norm;
    config.model.layer_output = way.layer_output.value_or(LayerOutputKind::kDirect);
    // The dilated kernel sees nothing of a bottleneck that is one row high: norms would enlarge its rounding.
    config.model.bottleneck_dilation = 1;
    config.model.skip_absent = true;  // some ranks then have nothing to render in some steps
    config.train.batch_frames = way.batch_frames;
    return config;
  }
};

TEST_P(LayerFitWays, RanksFollowThePathOfOne) {
  fit_both_ways(config());
  expect_same_metrics(kTolerance);
  expect_same_parameters(GetParam().tolerance);
}

TEST_P(LayerFitWays, GradientsAreThoseOfOne) {
  auto first_steps = config();
  first_steps.train.max_seconds = 1e-9;
  EXPECT_THROW(fit(*scene_, first_steps, path_ / "ranks", ranks()), Stopped);
  if (!ranks().is_root()) return;
  // Several ranks stop a step after it was asked for, one at once.
  const auto many = newest_checkpoint(path_ / "ranks");
  for (std::int64_t step = 0; step < many.step; ++step)
    EXPECT_THROW(fit(*scene_, first_steps, path_ / "alone"), Stopped);
  const auto one = newest_checkpoint(path_ / "alone");
  ASSERT_EQ(one.step, many.step);
  // Those of the second step are gradients at parameters that differ by rounding already. Arrays that are next to
  // nothing in them are held against all of them.
  expect_near_arrays(many, one, "adam_first/", 5 * kTolerance, 1e-3 * norm_of(one, "adam_first/"));
}

INSTANTIATE_TEST_SUITE_P(
    Ways, LayerFitWays,
    testing::Values(Way{"completion", NormKind::kGroup, LayerOutputKind::kCompletion, 4},
                    Way{"completion_sync_batch_uneven", NormKind::kSyncBatch, LayerOutputKind::kCompletion, 3},
                    Way{"direct", NormKind::kGroup, LayerOutputKind::kDirect, 4},
                    Way{"direct_sync_batch", NormKind::kSyncBatch, LayerOutputKind::kDirect, 4},
                    Way{"direct_uneven", NormKind::kGroup, LayerOutputKind::kDirect, 5},
                    Way{"neural", NormKind::kGroup, std::nullopt, 4, kOfSmallArrays},
                    Way{"neural_sync_batch_uneven", NormKind::kSyncBatch, std::nullopt, 5, kOfSmallArrays},
                    Way{"one_frame", NormKind::kGroup, LayerOutputKind::kDirect, 1}),
    [](const auto& way) { return way.param.name; });

// Corrections start from the mattes, which the frames are made of: the first differences are nothing but rounding, and
// Adam makes steps of their signs. What holds is the losses.
TEST_F(LayerFitRanks, CorrectionsFollowTheLossesOfOne) {
  for (const auto norm : {NormKind::kGroup, NormKind::kSyncBatch}) {
    auto config = tiny_config(3);
    config.model.norm = norm;
    config.train.resume = "none";
    fit_both_ways(config);
    expect_same_metrics(kTolerance);
  }
}

TEST_F(LayerFitRanks, MemoryOfARankFallsWithTheirNumber) {
  auto config = tiny_config(1);
  const SceneData whole(*scene_, 0, TinyScene::kFrames, true, torch::kCPU);
  const std::int64_t frame_bytes = TinyScene::kSize.area() * (3 + TinyScene::kObjects * (3 + 1 + 4 + 1));
  for (const int batch : {1, 4, 12}) {
    config.train.batch_frames = batch;
    config.train.resume = "none";
    FitSession session(path_ / "run", config.train, ranks(), {{}, false});
    const std::int64_t bytes = LayerFit(*scene_, config, session).resident_bytes();
    const int sharing = std::min(batch, ranks().size());
    const std::int64_t most_frames = (batch + sharing - 1) / sharing * (TinyScene::kFrames / batch);
    // One row more stands for "no frame".
    EXPECT_LE(bytes, (most_frames + 1) * frame_bytes + 1000) << "batches of " << batch;
    const std::int64_t all = ranks().all_reduce(bytes, Reduction::kSum);
    EXPECT_GE(all, whole.resident_bytes());
    EXPECT_LE(all, whole.resident_bytes() + (ranks().size() - 1) * frame_bytes) << "nothing is held twice";
  }
}

TEST_F(LayerFitRanks, RankZeroHasFramesAlsoWhenOthersHaveNone) {
  auto config = tiny_config(1);
  config.train.batch_frames = 1;
  config.train.preview_epochs = 1;
  int previews = 0;
  fit(*scene_, config, path_ / "run", ranks(), {[&](const auto&, const Image&) { ++previews; }});
  EXPECT_EQ(previews, ranks().is_root() ? 1 : 0);
}

TEST_F(LayerFitRanks, StopIsTakenByAllRanksAndResumedByAnyNumber) {
  auto config = tiny_config(3);
  config.train.max_seconds = 1e-9;
  EXPECT_THROW(fit(*scene_, config, path_ / "ranks", ranks()), Stopped);
  EXPECT_THROW(fit(*scene_, config, path_ / "ranks", ranks()), Stopped);
  config.train.max_seconds = 0;
  if (ranks().is_root()) {  // two steps by all ranks, the rest by one
    fit(*scene_, config, path_ / "ranks");
    fit(*scene_, config, path_ / "alone");
  }
  ranks().barrier();
  expect_same_parameters(kTolerance);
  expect_same_metrics(kTolerance);
}

TEST_F(LayerFitRanks, FitOfOneRankGoesOnWithMany) {
  auto config = tiny_config(3);
  if (ranks().is_root()) {
    fit(*scene_, config, path_ / "alone");
    config.train.max_seconds = 1e-9;
    for (int steps = 0; steps < 4; ++steps) EXPECT_THROW(fit(*scene_, config, path_ / "ranks"), Stopped);
    config.train.max_seconds = 0;
  }
  ranks().barrier();
  fit(*scene_, config, path_ / "ranks", ranks());  // from the second epoch's second step
  expect_same_parameters(kTolerance);
  expect_same_metrics(kTolerance);
}

TEST_F(LayerFitRanks, ModelsThatDifferEndTheFitBeforeTheyAreSaved) {
  const auto config = tiny_config(1);
  FitSession session(path_ / "run", config.train, ranks(), {{}, false});
  LayerFit drifting(*scene_, config, session);
  if (ranks().rank() == 1) {
    const torch::NoGradGuard guard;
    drifting.model()->parameters().back().view({-1})[0] += 0.25;
  }
  try {
    drifting.run();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const AgreedError& error) {
    EXPECT_THAT(error.what(), testing::AllOf(testing::HasSubstr("no longer the same at training step 3"),
                                             testing::HasSubstr("rank 1 on host")));
  }
  EXPECT_TRUE(CheckpointFolder(path_ / "run").list().empty());
}

TEST_F(LayerFitRanks, AllReadTheSameCheckpointOrNone) {
  auto config = tiny_config(1);
  if (ranks().is_root()) {
    fit(*scene_, config, path_ / "run0");
    config.train.seed = 2;
    fit(*scene_, config, path_ / "run1");
  }
  ranks().barrier();
  const auto file_of = [&](int run) {
    return CheckpointFolder(path_ / ("run" + std::to_string(run))).path_of(3).string();
  };
  config.train.epochs = 2;
  config.train.resume = file_of(ranks().rank() == 1);
  try {
    fit(*scene_, config, path_ / "ranks", ranks());
    ADD_FAILURE() << "nothing was thrown";
  } catch (const AgreedError& error) {
    EXPECT_THAT(error.what(),
                testing::AllOf(testing::HasSubstr("cannot resume"), testing::HasSubstr("rank 1 on host")));
  }
  config.train.resume = ranks().rank() == 1 ? (path_ / "none.h5").string() : file_of(0);
  EXPECT_THROW(fit(*scene_, config, path_ / "ranks", ranks()), AgreedError) << "one of them finds no file";
}

TEST_F(LayerFitRanks, RanksRenderTheBlocksOfOne) {
  for (const auto norm : {NormKind::kGroup, NormKind::kBatch}) {
    auto config = tiny_config(1);
    config.model.norm = norm;
    const auto run = path_ / word_of(kNorms, norm);
    fit(*scene_, config, run, ranks());
    ranks().barrier();
    RenderOptions options;
    options.block_frames = 2;
    options.device = DeviceChoice::kCpu;
    options.show_progress = false;
    const auto report = render_layers(RunFolder(run), run / "many.h5", options, ranks());
    EXPECT_EQ(report.blocks_made, 6) << "every rank knows the sum";
    if (!ranks().is_root()) continue;
    render_layers(RunFolder(run), run / "one.h5", options, Communicator());
    const LayersReader many(run / "many.h5"), one(run / "one.h5");
    Image a, b;
    for (int t = 0; t < TinyScene::kFrames; ++t)
      for (int layer = 0; layer < 3; ++layer) {
        many.read(t, layer, a);
        one.read(t, layer, b);
        EXPECT_EQ(a.pixels, b.pixels) << "frame " << t << " layer " << layer;
      }
  }
  ranks().barrier();
}

}  // namespace
}  // namespace retime::test
