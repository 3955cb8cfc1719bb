#include "dist/collectives.hpp"

#include <gtest/gtest.h>

#include "dist/torch.hpp"

namespace retime {
namespace {

TEST(Collectives, SumOfOneProcessIsACopyWithoutGradient) {
  const Collectives alone;
  EXPECT_EQ(alone.world_size(), 1);
  const auto tensor = torch::tensor({1.F, 2.F}, torch::requires_grad());
  const auto sum = alone.sum(tensor);
  EXPECT_FALSE(sum.requires_grad());
  sum.zero_();
  EXPECT_FLOAT_EQ(tensor.sum().item<float>(), 3.F);
  EXPECT_TRUE(torch::equal(alone.sum_async(tensor).wait(), tensor.detach()));
  alone.broadcast({tensor});
}

TEST(Collectives, SumWithGradOfOneProcessPassesTheGradientOn) {
  const auto tensor = torch::tensor({1.F, 2.F}, torch::requires_grad());
  Collectives().sum_with_grad(tensor).pow(2).sum().backward();
  EXPECT_TRUE(torch::equal(tensor.grad(), torch::tensor({2.F, 4.F})));
}

}  // namespace
}  // namespace retime
