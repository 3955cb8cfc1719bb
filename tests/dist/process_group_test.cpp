#include "dist/process_group.hpp"

#include <gtest/gtest.h>

#include "dist/device.hpp"
#include "dist/torch.hpp"

namespace retime {
namespace {

TEST(ProcessGroup, IsNullForOneRank) { EXPECT_FALSE(make_process_group(Communicator(), c10::kCPU)); }

TEST(ProcessGroup, CompiledAndLoadedNcclAreOfOneSeries) {
  const NcclVersions versions = nccl_versions();
  ASSERT_FALSE(versions.loaded.empty());
  EXPECT_EQ(versions.compiled.substr(0, versions.compiled.rfind('.')),
            versions.loaded.substr(0, versions.loaded.rfind('.')))
      << "nccl.h is not the one of this LibTorch";
}

TEST(Device, GpuIndexFollowsTheLocalRank) {
  EXPECT_EQ(gpu_index(8, 5, 8), 5);
  EXPECT_EQ(gpu_index(8, 1, 2), 1);
}

TEST(Device, GpuIndexIsZeroWhenTheLauncherShowsEachRankOneGpu) { EXPECT_EQ(gpu_index(1, 3, 4), 0); }

TEST(Device, RanksBeyondTheGpusGoRound) { EXPECT_EQ(gpu_index(2, 3, 4), 1); }

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
