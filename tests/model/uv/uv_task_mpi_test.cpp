// The network that several ranks train is that of one.
#include <gtest/gtest.h>

#include "dist/ranks.hpp"
#include "model/fit/fit_loop.hpp"
#include "model/rank_fits.hpp"
#include "model/state/model_state.hpp"
#include "model/uv/uv_pairs.hpp"

namespace retime::test {
namespace {

constexpr double kOfAnArray = 2e-3;  // sums in another order, over the few steps of this training

Checkpoint trained(const FitRanks& on) {
  const auto config = tiny_uv_config(2);
  UvTask task(config, square_pair, on);
  FitLoop(task, config.train, on, false).run();
  Checkpoint checkpoint;
  checkpoint.arrays = save_module(task.module());
  return checkpoint;
}

TEST(UvTaskRanks, FollowThePathOfOne) {
  const auto many = trained(FitRanks(ranks(), DeviceChoice::kCpu));
  if (ranks().is_root()) expect_near_arrays(many, trained(FitRanks(torch::kCPU)), "parameters/", kOfAnArray, 1e-3);
  ranks().barrier();
}

}  // namespace
}  // namespace retime::test
