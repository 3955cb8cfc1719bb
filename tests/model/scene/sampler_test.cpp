#include "model/scene/sampler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "model/config/fit_config.hpp"

namespace retime {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Frames of all ranks together, step by step, without empty places.
std::vector<std::vector<int>> global_batches(const BatchSampler& sampler, int epoch, int world_size) {
  std::vector<std::vector<int>> batches(static_cast<std::size_t>(sampler.steps_per_epoch()));
  for (int rank = 0; rank < world_size; ++rank) {
    const auto steps = sampler.epoch(epoch, rank, world_size);
    EXPECT_EQ(steps.size(), batches.size()) << "every rank takes the same number of steps";
    for (std::size_t i = 0; i < steps.size(); ++i) {
      EXPECT_EQ(steps[i].size(), static_cast<std::size_t>(sampler.places_per_rank(world_size)));
      std::copy_if(steps[i].begin(), steps[i].end(), std::back_inserter(batches[i]),
                   [](int frame) { return frame >= 0; });
    }
  }
  return batches;
}

struct Clip {
  int frames, batch;
};

class SamplerTest : public testing::TestWithParam<Clip> {
 protected:
  const BatchSampler sampler_{GetParam().frames, GetParam().batch, 5};
};

TEST_P(SamplerTest, EveryFrameComesOnceAnEpoch) {
  for (const int epoch : {0, 1, 77}) {
    std::vector<int> seen;
    for (const auto& batch : global_batches(sampler_, epoch, 1)) seen.insert(seen.end(), batch.begin(), batch.end());
    std::sort(seen.begin(), seen.end());
    ASSERT_EQ(seen.size(), static_cast<std::size_t>(GetParam().frames));
    for (int t = 0; t < GetParam().frames; ++t) EXPECT_EQ(seen[static_cast<std::size_t>(t)], t);
  }
}

TEST_P(SamplerTest, StrataAreContiguousAndOfOneLength) {
  int next = 0;
  for (int s = 0; s < sampler_.strata(); ++s) {
    const auto [first, last] = sampler_.stratum_range(s);
    EXPECT_EQ(first, next);
    EXPECT_GE(last - first, sampler_.steps_per_epoch() - 1);
    EXPECT_LE(last - first, sampler_.steps_per_epoch());
    next = last;
  }
  EXPECT_EQ(next, GetParam().frames);
}

TEST_P(SamplerTest, BatchesAreTheSameForAnyNumberOfRanks) {
  for (const int epoch : {0, 3})
    for (const int world_size : {2, 3, 4, 7, 30})
      EXPECT_EQ(global_batches(sampler_, epoch, world_size), global_batches(sampler_, epoch, 1))
          << world_size << " ranks";
}

TEST_P(SamplerTest, RanksNeedOnlyTheirOwnFrames) {
  for (const int world_size : {1, 2, 3, 4, 7, 30}) {
    int next = 0;
    for (int rank = 0; rank < world_size; ++rank) {
      const auto [first, last] = sampler_.frames_of(rank, world_size);
      EXPECT_EQ(first, next);
      next = last;
      for (const auto& step : sampler_.epoch(2, rank, world_size))
        for (const int frame : step) EXPECT_TRUE(frame == -1 || (frame >= first && frame < last));
    }
    EXPECT_EQ(next, GetParam().frames);
  }
}

INSTANTIATE_TEST_SUITE_P(Clips, SamplerTest,
                         testing::Values(Clip{12, 4}, Clip{10, 3}, Clip{7, 7}, Clip{5, 8}, Clip{1, 4}, Clip{23, 1},
                                         Clip{100, 8}),
                         [](const auto& clip) {
                           return std::to_string(clip.param.frames) + "by" + std::to_string(clip.param.batch);
                         });

TEST(Sampler, MoreRanksThanFramesLeavesEmptyPlaces) {
  const BatchSampler sampler(2, 8, 1);
  EXPECT_EQ(sampler.strata(), 2);
  EXPECT_EQ(sampler.places_per_rank(4), 1);
  int working = 0;
  for (int rank = 0; rank < 4; ++rank) {
    const auto steps = sampler.epoch(0, rank, 4);
    ASSERT_EQ(steps.size(), 1U);
    working += steps[0][0] >= 0;
    const auto [first, last] = sampler.frames_of(rank, 4);
    EXPECT_EQ(last - first, steps[0][0] >= 0 ? 1 : 0);
  }
  EXPECT_EQ(working, 2);
}

TEST(Sampler, ComingFramesAreTheRestOfTheEpochAndTheNextOne) {
  const BatchSampler sampler(11, 3, 5);
  for (const int rank : {0, 1}) {
    std::vector<int> expected;
    for (const int epoch : {4, 5}) {
      const auto steps = sampler.epoch(epoch, rank, 2);
      for (std::size_t i = epoch == 4 ? 1 : 0; i < steps.size(); ++i)
        for (const int frame : steps[i])
          if (frame >= 0) expected.push_back(frame);
    }
    EXPECT_EQ(sampler.coming_frames(4, 1, rank, 2), expected);
  }
  EXPECT_EQ(sampler.coming_frames(4, 0, 0, 1).size(), 22U);
}

TEST(Sampler, OrderDependsOnSeedAndEpochOnly) {
  const BatchSampler a(100, 4, 1), b(100, 4, 1), other(100, 4, 2);
  EXPECT_EQ(a.epoch(3, 0, 1), b.epoch(3, 0, 1));
  EXPECT_NE(a.epoch(3, 0, 1), a.epoch(4, 0, 1));
  EXPECT_NE(a.epoch(3, 0, 1), other.epoch(3, 0, 1));
}

// A change of these would change what a resumed fit sees.
TEST(Sampler, BatchesAreStable) {
  const BatchSampler sampler(10, 3, 5);
  EXPECT_THAT(sampler.epoch(0, 0, 1),
              ElementsAre(ElementsAre(2, 5, 8), ElementsAre(1, 4, 7), ElementsAre(0, 3, 9), ElementsAre(-1, -1, 6)));
  EXPECT_THAT(sampler.epoch(1, 0, 1),
              ElementsAre(ElementsAre(1, 5, 6), ElementsAre(2, 4, 9), ElementsAre(0, 3, 7), ElementsAre(-1, -1, 8)));
}

TEST(KeyedRandomTest, ValuesAreStable) {
  KeyedRandom zero(0, 0, 0, 0), keys(1, 2, 3, 4);
  EXPECT_EQ(zero.next(), 0xf255f7ce0e960df8U);
  EXPECT_EQ(zero.next(), 0xc3a9cc40fe6cc872U);
  EXPECT_EQ(keys.next(), 0x7fdc085302d13208U);
  EXPECT_EQ(KeyedRandom(~std::uint64_t{0}, 5, 6, 7).next(), 0x1f6680c69488bb84U);
  EXPECT_EQ(KeyedRandom(1, 2, 3, 4).uniform(), 0.4994511797584138);
  EXPECT_NEAR(KeyedRandom(1, 2, 3, 4).normal(), 0.7103429126652685, 1e-12);
}

TEST(KeyedRandomTest, HasTheDistributionsItNames) {
  constexpr int kCount = 20000;
  double uniform_sum = 0, normal_sum = 0, normal_squares = 0;
  for (std::uint64_t item = 0; item < kCount; ++item) {
    KeyedRandom random(1, 0, item, 9);
    const double u = random.uniform(), n = random.normal();
    EXPECT_TRUE(u >= 0 && u < 1);
    uniform_sum += u;
    normal_sum += n;
    normal_squares += n * n;
  }
  EXPECT_NEAR(uniform_sum / kCount, 0.5, 0.01);
  EXPECT_NEAR(normal_sum / kCount, 0, 0.03);
  EXPECT_NEAR(normal_squares / kCount, 1, 0.05);
}

TEST(AugmentationTest, StaysInsideTheFrame) {
  const AugmentationOptions options{
      .probability = 0.75, .max_scale = 1.25, .brightness_sigma = 0.2, .brightness_epochs = 5};
  int zoomed = 0, brightened = 0;
  double largest = 1;
  for (int frame = 0; frame < 4000; ++frame) {
    const auto a = augmentation_of(options, 1, 4, frame);
    EXPECT_TRUE(a.scale >= 1 && a.scale <= 1.25);
    EXPECT_LE(std::abs(a.center_x) + 1 / a.scale, 1 + 1e-12) << "the window leaves the frame";
    EXPECT_LE(std::abs(a.center_y) + 1 / a.scale, 1 + 1e-12);
    zoomed += a.scale > 1;
    brightened += a.brightness != 0;
    largest = std::max(largest, a.scale);
  }
  EXPECT_NEAR(zoomed / 4000.0, 0.75, 0.03);
  EXPECT_EQ(brightened, 4000);
  EXPECT_GT(largest, 1.24);
}

TEST(AugmentationTest, IsAFunctionOfSeedEpochAndFrame) {
  const AugmentationOptions options{.probability = 1};
  const auto scale = [&](std::uint64_t seed, int epoch, int frame) {
    return augmentation_of(options, seed, epoch, frame).scale;
  };
  EXPECT_EQ(scale(1, 2, 3), scale(1, 2, 3));
  EXPECT_NE(scale(1, 2, 3), scale(2, 2, 3));
  EXPECT_NE(scale(1, 2, 3), scale(1, 3, 3));
  EXPECT_NE(scale(1, 2, 3), scale(1, 2, 4));
}

TEST(AugmentationTest, OffMeansOff) {
  const auto a = augmentation_of({.probability = 0, .brightness_sigma = 0.2, .brightness_epochs = 5}, 1, 5, 3);
  EXPECT_EQ(a.scale, 1);
  EXPECT_EQ(a.center_x, 0);
  EXPECT_EQ(a.brightness, 0) << "epoch 5 is past the five with brightness";
}

TEST(LearningRate, WarmsUpAndDecaysAlongAHalfCosine) {
  TrainOptions options;
  options.learning_rate = 0.4;
  options.decay_epochs = 0;
  options.warmup_steps = 0;
  EXPECT_DOUBLE_EQ(options.learning_rate_at(0, 0), 0.4);
  EXPECT_DOUBLE_EQ(options.learning_rate_at(99999, 999), 0.4);
  options.warmup_steps = 4;
  EXPECT_DOUBLE_EQ(options.learning_rate_at(0, 0), 0.1);
  EXPECT_DOUBLE_EQ(options.learning_rate_at(3, 0), 0.4);
  options.decay_epochs = 100;
  EXPECT_DOUBLE_EQ(options.learning_rate_at(1000, 50), 0.4 * 0.55);
  EXPECT_DOUBLE_EQ(options.learning_rate_at(1000, 100), 0.04);
  EXPECT_DOUBLE_EQ(options.learning_rate_at(1000, 500), 0.04);
}

FitConfig unusual_config() {
  FitConfig config;
  config.model.width = 32;
  config.model.norm = NormKind::kSyncBatch;
  config.model.object_id = true;
  config.loss.mask_weights = {1, 0.5, 0.25};
  config.loss.sparsity = SparsityKind::kCompositeSquared;
  config.train.learning_rate = 1.0 / 3;
  config.train.augmentation.max_scale = 1.5;
  config.train.resume = "none";
  return config;
}

TEST(FitConfigTest, TextReadsBackToTheSameConfiguration) {
  const auto config = unusual_config();
  const auto copy = FitConfig::from_text(config.text());
  EXPECT_EQ(copy.text(), config.text());
  EXPECT_EQ(copy.model.norm, NormKind::kSyncBatch);
  EXPECT_EQ(copy.train.learning_rate, 1.0 / 3);
  EXPECT_EQ(copy.loss.mask_weights, config.loss.mask_weights);
  EXPECT_NE(copy.text(), FitConfig().text());
}

TEST(FitConfigTest, ArchitectureDifferenceNamesModelOptionsOnly) {
  FitConfig before, now;
  before.model.width = 16;
  before.model.norm = NormKind::kGroup;
  now.model = before.model;
  now.train.epochs = before.train.epochs + 9;
  now.loss.sparsity_weight = 9;
  EXPECT_EQ(architecture_difference(before, now), "");
  now.model.width = 64;
  now.model.norm = NormKind::kBatch;
  EXPECT_THAT(architecture_difference(before, now),
              testing::AllOf(HasSubstr("width = 16 -> 64"), HasSubstr("norm = group -> batch")));
}

TEST(FitConfigTest, ValuesOutOfRangeAreRefused) {
  EXPECT_NO_THROW(FitConfig().validate());
  const auto refused = [](auto change) {
    FitConfig config;
    change(config);
    EXPECT_THROW(config.validate(), UsageError);
  };
  refused([](FitConfig& c) { c.model.width = 6; });
  refused([](FitConfig& c) { c.model.bottleneck_dilation = 3; });
  refused([](FitConfig& c) { c.model.texture_size = 1; });
  refused([](FitConfig& c) { c.model.background_texture_size = 1; });
  refused([](FitConfig& c) { c.train.epochs = 0; });
  refused([](FitConfig& c) { c.train.batch_frames = 0; });
  refused([](FitConfig& c) { c.train.learning_rate = 0; });
  refused([](FitConfig& c) { c.train.augmentation.max_scale = 0.9; });
  refused([](FitConfig& c) { c.train.seed = -1; });
  refused([](FitConfig& c) { c.train.checkpoint_epochs = 0; });
}

}  // namespace
}  // namespace retime
