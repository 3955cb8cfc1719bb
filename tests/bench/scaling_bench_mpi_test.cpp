#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <numeric>
#include <torch/csrc/distributed/c10d/HashStore.hpp>

#include "bench/allreduce_bench.hpp"
#include "bench/tiny_bench.hpp"
#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "dist/ranks.hpp"
#include "ranks/rank_agreement.hpp"

namespace retime::test {
namespace {

class ScalingRanks : public ::testing::Test {
 protected:
  TemporaryFolder folder_;  // that of rank 0 counts
  const std::filesystem::path path_ = ranks().broadcast(folder_.path().string());
};

TEST_F(ScalingRanks, PartsAddUpToTheStep) {
  const auto start = std::chrono::steady_clock::now();
  const auto run = measure_scaling(tiny_bench(), ScalingMode::kStrong, 4, path_, ranks());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const auto& step = run.step;
  EXPECT_EQ(run.ranks, ranks().size());
  EXPECT_GE(step.steps, tiny_bench().counts.timed) << "whole epochs";
  EXPECT_LE(step.steps * step.min_s, took.count()) << "the steps are a part of the whole, in seconds";
  EXPECT_NEAR(std::accumulate(step.part_s.begin(), step.part_s.end(), 0.0), step.step_s, 1e-9);
  for (std::size_t part = 0; part < kStepParts; ++part) EXPECT_GE(step.part_s[part], 0) << kStepPartNames[part];
  for (const auto part : {StepPart::kForward, StepPart::kBackward})
    EXPECT_GT(step.part_s[static_cast<std::size_t>(part)], 0) << kStepPartNames[static_cast<std::size_t>(part)];
  EXPECT_LE(step.min_s, step.step_s);
  EXPECT_GE(step.max_s, step.step_s);
  ranks().barrier();
}

TEST_F(ScalingRanks, BucketsCarryAllGradients) {
  const auto run = measure_scaling(tiny_bench(), ScalingMode::kWeak, 1, path_, ranks());
  EXPECT_EQ(run.global_batch(), ranks().size());
  ASSERT_GT(run.buckets, 0);
  const auto& buckets = run.step.bucket_bytes;
  EXPECT_EQ(std::accumulate(buckets.begin(), buckets.end(), std::int64_t{0}), run.step.gradient_bytes);
  ranks().barrier();
}

TEST_F(ScalingRanks, AllRanksReportTheSame) {
  const auto run = measure_scaling(tiny_bench(), ScalingMode::kWeak, 1, path_, ranks());
  const double step_s = run.step.step_s;
  EXPECT_EQ(ranks().all_reduce(step_s, Reduction::kMin), ranks().all_reduce(step_s, Reduction::kMax));
  ranks().barrier();
}

TEST_F(ScalingRanks, FewerFramesThanRanksAreRefusedOnAll) {
  try {
    measure_scaling(tiny_bench(), ScalingMode::kStrong, ranks().size() - 1, path_, ranks());
    ADD_FAILURE() << "nothing was thrown";
  } catch (const AgreedError& error) {
    EXPECT_EQ(error.exit_code(), kExitUsage);
  }
  ranks().barrier();
}

/// A group whose sums are wrong in one value: as broken memory or a broken library would leave them.
class WrongBackend : public c10d::Backend {
 public:
  explicit WrongBackend(c10::intrusive_ptr<c10d::Backend> right)
      : c10d::Backend(right->getRank(), right->getSize()), right_(std::move(right)) {}
  const std::string getBackendName() const override { return "wrong"; }
  c10::intrusive_ptr<c10d::Work> allreduce(std::vector<at::Tensor>& tensors,
                                           const c10d::AllreduceOptions& options) override {
    auto work = right_->allreduce(tensors, options);
    work->wait();
    tensors[0].select(0, tensors[0].numel() - 1).add_(1);
    return work;
  }

 private:
  c10::intrusive_ptr<c10d::Backend> right_;
};

TEST_F(ScalingRanks, AllreduceChecksItsSums) {
  const auto group = make_process_group(ranks(), at::kCPU, {.name = "right"});
  const auto right = measure_allreduce(group, ranks(), at::kCPU, 40'000, {2, 2});
  EXPECT_EQ(right.wrong, 0);
  EXPECT_GT(right.time_s, 0);
  EXPECT_LE(right.min_s, right.time_s);
  EXPECT_GE(right.max_s, right.time_s);
  EXPECT_EQ(right.ranks, ranks().size());
  const auto wrong =
      c10::make_intrusive<c10d::ProcessGroup>(c10::make_intrusive<c10d::HashStore>(), ranks().rank(), ranks().size());
  constexpr auto kType = c10d::ProcessGroup::BackendType::CUSTOM;
  wrong->setBackend(at::kCPU, kType, c10::make_intrusive<WrongBackend>(group->getBackend(at::kCPU)));
  wrong->setDefaultBackend(kType);
  EXPECT_EQ(measure_allreduce(wrong, ranks(), at::kCPU, 40'000, {1, 1}).wrong, ranks().size());
}

}  // namespace
}  // namespace retime::test
