#include "dist/process_group.hpp"

#include <gtest/gtest.h>

#include "dist/device.hpp"

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

}  // namespace
}  // namespace retime
