#include <gtest/gtest.h>

#include "dist/collectives.hpp"
#include "dist/torch.hpp"
#include "ranks.hpp"

namespace retime::test {
namespace {

class CollectivesTest : public testing::Test {
 protected:
  const int rank_ = ranks().rank();
  const int size_ = ranks().size();
  const Collectives collectives_{make_process_group(ranks(), c10::kCPU)};
};

TEST_F(CollectivesTest, SumLeavesItsArgumentAlone) {
  const auto mine = torch::full({2, 3}, rank_ + 1.F);
  const auto sum = collectives_.sum(mine);
  EXPECT_TRUE(torch::equal(mine, torch::full({2, 3}, rank_ + 1.F)));
  EXPECT_TRUE(torch::equal(sum, torch::full({2, 3}, size_ * (size_ + 1) / 2.F)));
}

TEST_F(CollectivesTest, AsyncSumsMayBeWaitedForInAnyOrder) {
  auto first = collectives_.sum_async(torch::ones({100'000}));
  auto second = collectives_.sum_async(torch::full({2}, 3.F));
  EXPECT_FLOAT_EQ(second.wait()[0].item<float>(), 3.F * static_cast<float>(size_));
  EXPECT_FLOAT_EQ(first.wait()[0].item<float>(), static_cast<float>(size_));
}

TEST_F(CollectivesTest, GradientOfASumIsTheSumOfTheGradients) {
  const auto x = torch::full({2}, rank_ + 1.F, torch::requires_grad());
  // loss of rank r: (r + 1) * sum over ranks of x, so that d/dx of the sum of all losses is 1 + 2 + ... + size.
  ((rank_ + 1.F) * collectives_.sum_with_grad(x)).sum().backward();
  EXPECT_TRUE(torch::allclose(x.grad(), torch::full({2}, size_ * (size_ + 1) / 2.F)));
}

TEST_F(CollectivesTest, RankWithAConstantArgumentTakesPartInTheBackward) {
  const auto x = torch::full({2}, 3.F, torch::requires_grad());
  const auto sum = collectives_.sum_with_grad(rank_ == 0 ? x.detach() : x);
  sum.sum().backward();
  EXPECT_EQ(x.grad().defined(), rank_ != 0);
  if (rank_ != 0) {
    EXPECT_TRUE(torch::equal(x.grad(), torch::full({2}, 1.F * size_)));
  }
}

TEST_F(CollectivesTest, SumWithGradTakesNoGradientWhereNoneIsWanted) {
  const torch::NoGradGuard no_grad;
  EXPECT_FALSE(collectives_.sum_with_grad(torch::ones({2})).requires_grad());
}

torch::Tensor normalize(const torch::Tensor& x, const Collectives& collectives) {
  const auto moments =
      torch::stack({x.sum(0), x.pow(2).sum(0), torch::full({x.size(1)}, 1.0 * x.size(0), x.options())});
  const auto total = collectives.sum_with_grad(moments);
  const auto mean = total[0] / total[2];
  const auto variance = total[1] / total[2] - mean.pow(2);
  return (x - mean) * (variance + 1e-5).rsqrt();
}

TEST_F(CollectivesTest, SynchronisedBatchNormEqualsThatOfTheWholeBatch) {
  torch::manual_seed(3);
  const auto batch = torch::randn({4 * size_, 5}, torch::kDouble);
  const auto weight = torch::randn({4 * size_, 5}, torch::kDouble);
  const auto whole = batch.clone().requires_grad_();
  (normalize(whole, Collectives()) * weight).sum().backward();

  const auto share = batch.slice(0, 4 * rank_, 4 * (rank_ + 1)).clone().requires_grad_();
  (normalize(share, collectives_) * weight.slice(0, 4 * rank_, 4 * (rank_ + 1))).sum().backward();
  EXPECT_TRUE(torch::allclose(share.grad(), whole.grad().slice(0, 4 * rank_, 4 * (rank_ + 1)), 1e-9, 1e-12));
}

TEST_F(CollectivesTest, BroadcastReplacesTensorsOfSeveralTypes) {
  const auto weight = torch::full({3, 4}, 1.F * rank_, torch::requires_grad());
  const auto count = torch::full({2}, rank_, torch::kLong);
  const auto half = torch::full({2, 2}, rank_, torch::kBFloat16).t();
  const auto strided = torch::full({1, 2, 3, 4}, 1.F * rank_).contiguous(torch::MemoryFormat::ChannelsLast);
  collectives_.broadcast({weight, count, half, strided}, 1);
  for (const auto& tensor : {weight.detach(), count, half, strided}) {
    EXPECT_TRUE(torch::equal(tensor, torch::ones_like(tensor))) << tensor;
  }
  EXPECT_TRUE(weight.is_leaf() && weight.requires_grad());
}

}  // namespace
}  // namespace retime::test
