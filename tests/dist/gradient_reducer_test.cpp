#include "dist/gradient_reducer.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "dist/torch.hpp"

namespace retime {
namespace {

TEST(GradientReducer, OfOneProcessIsAPlainBackward) {
  const auto used = torch::tensor({1.F, 2.F}, torch::requires_grad());
  const auto unused = torch::ones({3}, torch::requires_grad());
  GradientReducer reducer({used, unused}, {"used", "unused"}, {});
  for (int step = 0; step < 2; ++step) {
    reducer.zero_grad();
    reducer.backward(used.pow(2).sum());
    EXPECT_TRUE(torch::equal(used.grad(), torch::tensor({2.F, 4.F})));
    EXPECT_TRUE(torch::equal(unused.grad(), torch::zeros({3})));
  }
}

TEST(GradientReducer, AccumulatesUntilTheGradientsAreDropped) {
  const auto x = torch::ones({1}, torch::requires_grad());
  GradientReducer reducer({x}, {"x"}, {});
  reducer.accumulate(2 * x.sum());
  reducer.accumulate(torch::zeros({}));
  reducer.backward(3 * x.sum());
  EXPECT_FLOAT_EQ(x.grad().item<float>(), 5.F);
  reducer.zero_grad();
  EXPECT_FALSE(x.grad().defined());
}

TEST(GradientReducer, TakesALossWithoutAnyParameter) {
  const auto x = torch::ones({2}, torch::requires_grad());
  GradientReducer reducer({x}, {"x"}, {});
  reducer.backward(torch::tensor(1.F));
  EXPECT_TRUE(torch::equal(x.grad(), torch::zeros({2})));
}

TEST(GradientReducer, RefusesToAddToTheSumsOfTheLastStep) {
  const auto x = torch::ones({2}, torch::requires_grad());
  GradientReducer reducer({x}, {"x"}, {});
  reducer.backward(x.sum());
  EXPECT_THROW(reducer.backward(x.sum()), Error);
  EXPECT_THROW(reducer.accumulate(x.sum()), Error);
  reducer.zero_grad();
  EXPECT_NO_THROW(reducer.backward(x.sum()));
}

TEST(GradientReducer, WantsANameForEachParameter) {
  EXPECT_THROW(GradientReducer({torch::ones({1}, torch::requires_grad())}, {}, {}), Error);
}

}  // namespace
}  // namespace retime
