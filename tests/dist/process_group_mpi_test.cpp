#include <gtest/gtest.h>

#include "core/error.hpp"
#include "dist/device.hpp"
#include "dist/process_group.hpp"
#include "dist/torch.hpp"
#include "ranks.hpp"

namespace retime::test {
namespace {

TEST(ProcessGroup, OnTheCpuSumsThroughTheDispatcher) {
  const auto group = make_process_group(ranks(), c10::kCPU);
  ASSERT_TRUE(group);
  EXPECT_EQ(group->getRank(), ranks().rank());
  EXPECT_EQ(group->getSize(), ranks().size());
  std::vector<torch::Tensor> tensors{torch::ones({3})};
  group->allreduce(tensors)->wait();
  group->barrier()->wait();
  EXPECT_TRUE(torch::equal(tensors[0], torch::full({3}, static_cast<float>(ranks().size()))));
}

TEST(ProcessGroup, TwoGroupsMayBeUsedInDifferentOrders) {
  const auto first = make_process_group(ranks(), c10::kCPU, {.name = "first"});
  const auto second = make_process_group(ranks(), c10::kCPU, {.name = "second"});
  std::vector<torch::Tensor> a{torch::ones({1000})};
  std::vector<torch::Tensor> b{torch::full({10}, 2.F)};
  const bool swap = ranks().rank() % 2 == 1;
  const auto work_1 = swap ? second->allreduce(b) : first->allreduce(a);
  const auto work_2 = swap ? first->allreduce(a) : second->allreduce(b);
  work_1->wait();
  work_2->wait();
  EXPECT_FLOAT_EQ(a[0][0].item<float>(), static_cast<float>(ranks().size()));
  EXPECT_FLOAT_EQ(b[0][0].item<float>(), 2.F * static_cast<float>(ranks().size()));
}

TEST(Store, ShowsEachRankTheKeysOfTheOthers) {
  const auto store = make_store(ranks(), "test", std::chrono::seconds(20));
  store->set("rank" + std::to_string(ranks().rank()), std::to_string(ranks().rank() * 11));
  for (int i = 0; i < ranks().size(); ++i) {
    EXPECT_EQ(store->get_to_str("rank" + std::to_string(i)), std::to_string(i * 11));
  }
  ranks().barrier();
}

TEST(Device, CpuAndUnknownOptions) {
  DeviceChoice choice = DeviceChoice::kAuto;
  OptionTable table;
  add_device_option(table, "train", choice);
  table.read_arguments({"--device", "cpu"});
  EXPECT_TRUE(choose_device(choice, ranks()).is_cpu());
  EXPECT_THROW(table.read_arguments({"--device", "tpu"}), UsageError);
}

/// Runs everywhere: the expectation follows from what the ranks see.
TEST(Device, CudaGivesEachRankItsOwnGpuOrAnError) {
  const int visible = static_cast<int>(torch::cuda::device_count());
  const int least = ranks().all_reduce(visible, Reduction::kMin);
  if (least == 0) {
    EXPECT_THROW(choose_device(DeviceChoice::kCuda, ranks()), Error);
    if (ranks().all_reduce(visible, Reduction::kMax) == 0) {
      EXPECT_TRUE(choose_device(DeviceChoice::kAuto, ranks()).is_cpu());
    }
  } else if (least >= ranks().local_size()) {
    EXPECT_EQ(choose_device(DeviceChoice::kAuto, ranks()).index(), ranks().local_rank());
  } else {
    EXPECT_THROW(choose_device(DeviceChoice::kCuda, ranks()), Error);
  }
}

/// With GPUs: NCCL if each rank has its own, host memory if they share one.
TEST(ProcessGroup, OnGpusSumsCudaTensors) {
  const int visible = ranks().all_reduce(static_cast<int>(torch::cuda::device_count()), Reduction::kMin);
  if (visible == 0) GTEST_SKIP() << "no GPU here";
  const int index = gpu_index(visible, ranks().local_rank(), ranks().local_size());
  const c10::Device device(c10::kCUDA, static_cast<c10::DeviceIndex>(index));
  const auto group = make_process_group(ranks(), device);
  std::vector<torch::Tensor> tensors{torch::full({1000}, ranks().rank() + 1.F, torch::TensorOptions(device))};
  group->allreduce(tensors)->wait();
  const int size = ranks().size();
  EXPECT_TRUE(torch::equal(tensors[0].cpu(), torch::full({1000}, size * (size + 1) / 2.F)));
  ranks().barrier();
}

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
