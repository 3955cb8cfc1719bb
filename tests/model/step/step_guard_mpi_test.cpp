#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "dist/gradient_reducer.hpp"
#include "dist/ranks.hpp"
#include "model/step/step_guard.hpp"
#include "model/step/train_step.hpp"
#include "ranks/rank_agreement.hpp"

namespace retime::test {
namespace {

// One rank's loss is not finite: all leave the step out, and the message names that rank's frames alone.
TEST(StepGuard, LossOfOneRankCountsForAll) {
  const auto group = make_process_group(ranks(), c10::kCPU);
  auto x = torch::ones({3}, torch::requires_grad());
  GradientReducer reducer({x}, {"x"}, group);
  FusedAdam adam({{{x}, {"x"}, 1}});
  StepGuard guard({"training step", 1}, ranks(), torch::kCPU);
  const auto step = [&](std::int64_t number, bool spoiled) {
    const double factor = spoiled && ranks().rank() == 1 ? std::numeric_limits<double>::infinity() : 1;
    reducer.zero_grad();
    const auto loss = guard.spread(x.square().sum() * factor, number);
    reducer.backward(loss);
    adam.step(0.1, guard.left_out(adam.gradients(), loss, number, {10 * ranks().rank()}));
  };
  step(0, false);
  const auto before = x.detach().clone();
  step(1, true);
  EXPECT_TRUE(torch::equal(x, before));
  try {
    step(2, true);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const AgreedError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("(frames 10)"));
  }
}

}  // namespace
}  // namespace retime::test
