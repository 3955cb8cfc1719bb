// The fits of fit_mpi_test.cpp on GPUs, where gradients travel through NCCL. Ranks that share a GPU pass for
// different nodes (NCCL_HOSTID), which NCCL asks for.
#include <gtest/gtest.h>
#include <torch/cuda.h>

#include <cstdlib>

#include "dist/device.hpp"
#include "model/rank_fits.hpp"

namespace retime::test {
namespace {

// Convolutions of other batch sizes may run other kernels, and sums into textures have no fixed order.
constexpr double kGpuTolerance = 1e-3;

class GpuRanks : public RankFits {
 protected:
  void SetUp() override {
    if (ranks().all_reduce(static_cast<int>(torch::cuda::device_count()), Reduction::kMin) == 0)
      GTEST_SKIP() << "needs a GPU that every rank sees";
    ::setenv("RETIME_OVERSUBSCRIBE_GPU", "1", 1);
    ::setenv("NCCL_HOSTID", ("rank" + std::to_string(ranks().rank())).c_str(), 1);
    at::globalContext().setAllowTF32CuDNN(false);
  }
};

TEST_F(GpuRanks, TensorsTravelThroughNccl) {
  const auto device = choose_device(DeviceChoice::kCuda, ranks());
  const auto group = make_process_group(ranks(), device);
  EXPECT_EQ(group->getBackend(c10::kCUDA)->getBackendName(), "nccl");
  const auto sum = Collectives(group).sum(torch::full({3}, ranks().rank() + 1.F, device));
  EXPECT_FLOAT_EQ(sum.cpu()[2].item<float>(), static_cast<float>(ranks().size() * (ranks().size() + 1)) / 2);
}

TEST_F(GpuRanks, FollowThePathOfOne) {
  for (const auto norm : {NormKind::kGroup, NormKind::kSyncBatch}) {
    auto config = tiny_config(7);
    config.model.norm = norm;
    config.model.layer_output = LayerOutputKind::kDirect;
    config.train.device = DeviceChoice::kCuda;
    config.train.resume = "none";
    fit_both_ways(config);
    expect_same_metrics(kGpuTolerance);
    expect_same_parameters(kGpuTolerance);
  }
}

}  // namespace
}  // namespace retime::test
