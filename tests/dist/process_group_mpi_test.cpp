#include <gtest/gtest.h>

#include "core/error.hpp"
#include "dist/device.hpp"
#include "dist/process_group.hpp"
#include "dist/store.hpp"
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

}  // namespace
}  // namespace retime::test
