// The upsampling network that several ranks train is that of one.
#include <gtest/gtest.h>

#include "model/fit/fit.hpp"
#include "model/operator_log.hpp"
#include "model/rank_fits.hpp"

namespace retime::test {
namespace {

// The gradient of an L1 loss jumps where a pixel is met but for rounding. That shows in arrays that start from zero,
// and how much depends on the processor: up to 7e-4 was seen. All arrays together are held to 1e-4.
constexpr double kOfUpsamplerArrays = 5e-3;

FitConfig small_config(UpsampleNorm norm) {
  auto config = tiny_config(1);
  config.model.layer_output = LayerOutputKind::kDirect;
  config.upsample.width = 4;
  config.upsample.crop = 48;
  config.upsample.norm = norm;
  return config;
}

class UpsampleTaskRanks : public RankFits, public testing::WithParamInterface<UpsampleNorm> {
 protected:
  // One fit of the layers, so that only the network is compared.
  void fit_layers(const FitConfig& config) const {
    if (ranks().is_root()) {
      fit(*scene_, config, path_ / "ranks");
      std::filesystem::copy(path_ / "ranks", path_ / "alone", std::filesystem::copy_options::recursive);
    }
    ranks().barrier();
  }
};

TEST_P(UpsampleTaskRanks, FollowThePathOfOne) {
  auto config = small_config(GetParam());
  config.upsample.batch_frames = 3;  // four ranks: one has no frame, some have no object in theirs
  fit_layers(config);
  config.upsample.epochs = 5;  // 20 steps
  fit_scene(*scene_, config, path_ / "ranks", ranks(), {{}, false});
  if (ranks().is_root()) {
    fit_scene(*scene_, config, path_ / "alone", {}, {{}, false});
    const auto many = metrics_of(path_ / "ranks"), one = metrics_of(path_ / "alone");
    ASSERT_EQ(many.size(), one.size());
    for (std::size_t i = 1; i < one.size(); ++i) {
      const double expected = one[i].at("upsample_l1");
      EXPECT_NEAR(many[i].at("upsample_l1").get<double>(), expected, 1e-4 * expected) << "epoch " << i;
    }
    expect_same_parameters(kOfUpsamplerArrays);
  }
}

TEST_F(RankFits, UpsamplingStepsReadNoValueBack) {
  auto config = small_config(UpsampleNorm::kFrozen);
  config.upsample.epochs = 2;
  const OperatorLog log({kBatch, kReadBack, kOptimizerStep});
  fit_scene(*scene_, config, path_ / "run", ranks(), {{}, false});
  // The first epoch reads maps, in host memory, to crop them: the last steps are of the second.
  constexpr std::ptrdiff_t kSteps = 2;
  const auto events = log.events();
  auto begin = events.end();
  for (std::ptrdiff_t steps = 0; begin != events.begin() && steps <= kSteps;)
    if (*--begin == kOptimizerStep) ++steps;
  ASSERT_NE(begin, events.begin());
  const std::vector<std::string> last(begin, events.end());
  EXPECT_GE(std::count(last.begin(), last.end(), kBatch), kSteps);
  EXPECT_EQ(count_within(last, kBatch, kReadBack, kOptimizerStep), 0);
}

TEST_F(RankFits, UpsamplingHoldsTheFramesOfItsRankOnly) {
  auto config = small_config(UpsampleNorm::kInstance);
  config.model.layer_output = LayerOutputKind::kCompletion;
  config.train.epochs = 1;
  fit(*scene_, config, path_ / "run", ranks());
  config.upsample.epochs = 2;
  config.upsample.batch_frames = 12;
  const auto file = path_ / "run";
  const auto bytes_of = [&](const std::filesystem::path& run, const Communicator& communicator) {
    const auto checkpoint = newest_checkpoint(RunFolder(run), communicator);
    FitSession session(run, config.train, communicator, {{}, false});
    UpsampleFit training(*scene_, config, checkpoint, session);
    training.run();
    return training.resident_bytes();
  };
  if (ranks().is_root()) std::filesystem::copy(file, path_ / "alone", std::filesystem::copy_options::recursive);
  ranks().barrier();
  const std::int64_t own = bytes_of(file, ranks());
  const std::int64_t all = ranks().all_reduce(own, Reduction::kSum);
  const std::int64_t largest = ranks().all_reduce(own, Reduction::kMax);
  if (!ranks().is_root()) return;
  const std::int64_t whole = bytes_of(path_ / "alone", {});
  EXPECT_LE(all, whole + ranks().size() * whole / 20) << "nothing is held twice";
  EXPECT_LE(largest, 2 * whole / ranks().size());
}

INSTANTIATE_TEST_SUITE_P(Norms, UpsampleTaskRanks, testing::Values(UpsampleNorm::kFrozen, UpsampleNorm::kInstance),
                         [](const auto& norm) { return word_of(kUpsampleNorms, norm.param); });

}  // namespace
}  // namespace retime::test
