// What a step of the real fit waits for: gradients travel while the backward pass goes on, and no value is read back.
#include <gtest/gtest.h>

#include "model/operator_log.hpp"
#include "model/rank_fits.hpp"

namespace retime::test {
namespace {

constexpr const char* kBackward = "aten::convolution_backward";
constexpr const char* kAllReduce = "c10d::allreduce_";

using Overlap = RankFits;

// A renderer of the default width, so that the buckets are those of a real fit.
TEST_F(Overlap, GradientsOfTheModelTravelDuringItsBackwardPass) {
  auto config = tiny_config(2);
  config.model.width = 16;
  config.model.layer_output = LayerOutputKind::kCompletion;
  const OperatorLog log({kBackward, kAllReduce, kOptimizerStep});
  fit(*scene_, config, path_ / "run", ranks());
  const auto steps = log.between(kOptimizerStep);
  ASSERT_EQ(steps.size(), 5U);
  for (const auto& step : steps) {
    const auto first = std::find(step.begin(), step.end(), kBackward);
    const auto last = std::find(step.rbegin(), step.rend(), kBackward).base();
    ASSERT_NE(first, step.end());
    EXPECT_GE(std::count(first, last, kAllReduce), 1) << "no bucket left before the backward pass had ended";
    EXPECT_GE(std::count(last, step.end(), kAllReduce), 1) << "the gradients of the first layers come last";
  }
}

TEST_F(Overlap, NoStepReadsAValueBack) {
  auto config = tiny_config(1);
  config.model.layer_output = LayerOutputKind::kCompletion;
  config.train.batch_frames = 1;
  const OperatorLog log({kBatch, kReadBack, kOptimizerStep});
  fit(*scene_, config, path_ / "run", ranks());
  const auto all = log.events();
  EXPECT_GE(std::count(all.begin(), all.end(), kOptimizerStep), TinyScene::kFrames);
  EXPECT_GE(std::count(all.begin(), all.end(), kBatch), TinyScene::kFrames);
  EXPECT_EQ(count_within(all, kBatch, kReadBack, kOptimizerStep), 0);
  const auto last_step = std::find(all.rbegin(), all.rend(), kOptimizerStep).base();
  EXPECT_GE(std::count(last_step, all.end(), kReadBack), 6) << "the losses, at the end of the epoch";
}

}  // namespace
}  // namespace retime::test
