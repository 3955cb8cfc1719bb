#include "model/step/step_guard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "model/step/train_step.hpp"
#include "ranks/rank_agreement.hpp"

namespace retime {
namespace {

using ::testing::HasSubstr;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Two parameters, and a fit of them whose loss may be spoiled.
struct GuardedFit {
  explicit GuardedFit(int most_skipped) : guard({"training step", most_skipped}, {}, torch::kCPU) {}

  void step(double factor) {
    a.mutable_grad().reset();
    b.mutable_grad().reset();
    const auto loss = guard.spread((a.square().sum() + (b - 1).abs().sum()) * factor, count);
    loss.backward();
    const auto left_out = guard.left_out(adam.gradients(), loss, count, {7, 9, -1});
    adam.step(0.1, left_out);
    sum += StepGuard::counted(loss.detach(), left_out);
    ++count;
  }

  torch::Tensor a = torch::ones({3}, torch::requires_grad()), b = torch::zeros({2, 2}, torch::requires_grad());
  torch::Tensor sum = torch::zeros({});
  FusedAdam adam = FusedAdam({{{a, b}, {"a", "b"}, 1}});
  StepGuard guard;
  std::int64_t count = 0;
};

TEST(StepGuard, SkippedStepLeavesNoTrace) {
  GuardedFit spoiled(5), clean(5);
  for (const double factor : {1.0, kNan, 1.0, std::numeric_limits<double>::infinity(), 1.0}) {
    spoiled.step(factor);
    if (factor == 1.0) clean.step(factor);
  }
  EXPECT_TRUE(torch::equal(spoiled.a, clean.a));
  EXPECT_TRUE(torch::equal(spoiled.b, clean.b));
  EXPECT_TRUE(torch::equal(spoiled.sum, clean.sum));
  const auto left = spoiled.adam.save(), right = clean.adam.save();
  for (std::size_t i = 0; i < left.size(); ++i) EXPECT_EQ(left[i].floats, right[i].floats) << left[i].name;
}

TEST(StepGuard, FiniteStepsAreThoseOfAnOrdinaryFit) {
  GuardedFit guarded(5);
  auto a = torch::ones({3}, torch::requires_grad());
  FusedAdam adam({{{a}, {"a"}, 1}});
  for (int i = 0; i < 4; ++i) {
    guarded.step(1);
    a.mutable_grad().reset();
    a.square().sum().backward();
    adam.step(0.1);
  }
  EXPECT_TRUE(torch::equal(guarded.a, a));
}

TEST(StepGuard, GradientAloneCountsToo) {
  GuardedFit fit(0);
  fit.a.mutable_grad() = torch::full({3}, kNan);
  fit.b.mutable_grad() = torch::zeros({2, 2});
  EXPECT_THROW(fit.guard.left_out(fit.adam.gradients(), torch::ones({}), 0, {1}), AgreedError);
}

TEST(StepGuard, EndsAFitThatStaysNonfiniteAndNamesTheFrames) {
  GuardedFit fit(2);
  fit.step(kNan);
  fit.step(kNan);
  fit.step(1);
  fit.step(kNan);
  fit.step(kNan);
  try {
    fit.step(kNan);
    FAIL() << "nothing was thrown";
  } catch (const AgreedError& error) {
    EXPECT_THAT(error.what(), HasSubstr("3 times in a row, last in training step 5 (frames 7, 9)"));
    EXPECT_EQ(error.exit_code(), kExitFailure);
  }
}

}  // namespace
}  // namespace retime
