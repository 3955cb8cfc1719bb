#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>
#include <torch/optim/adam.h>

#include <chrono>
#include <thread>

#include "core/error.hpp"
#include "dist/gradient_reducer.hpp"
#include "dist/mpi_backend.hpp"
#include "dist/torch.hpp"
#include "ranks.hpp"

namespace retime::test {
namespace {

using torch::indexing::Slice;

constexpr int kShare = 3;  // examples of each rank
constexpr ReducerOptions kSmallBuckets{.bucket_bytes = 2048, .first_bucket_bytes = 512};

torch::nn::Sequential make_mlp() {
  torch::nn::Sequential mlp(torch::nn::Linear(6, 32), torch::nn::Tanh(), torch::nn::Linear(32, 32), torch::nn::Tanh(),
                            torch::nn::Linear(32, 2));
  mlp->to(torch::kDouble);
  return mlp;
}

std::vector<std::string> names_of(const torch::nn::Module& module) { return module.named_parameters().keys(); }

/// Sum of squares over `share`, divided by the size of the whole batch.
torch::Tensor loss_of(torch::nn::Sequential& mlp, const torch::Tensor& batch, const torch::Tensor& share) {
  return (mlp->forward(share) - share.narrow(1, 0, 2).sin()).pow(2).sum() / batch.size(0);
}

class GradientReducerTest : public testing::Test {
 protected:
  torch::Tensor share(const torch::Tensor& batch) const {
    return batch.index({Slice(kShare * rank_, kShare * (rank_ + 1))});
  }

  torch::Tensor next_batch() { return torch::randn({kShare * size_, 6}, torch::kDouble); }

  const int rank_ = ranks().rank();
  const int size_ = ranks().size();
  const ProcessGroupPtr group_ = make_process_group(ranks(), c10::kCPU);
};

TEST_F(GradientReducerTest, StartsFromTheParametersOfRankZero) {
  const auto x = torch::full({3, 2}, 1.F * rank_ + 5, torch::requires_grad());
  const auto frozen = torch::full({1}, 1.F * rank_);
  const GradientReducer reducer({x, frozen}, {"x", "frozen"}, group_);
  EXPECT_TRUE(torch::equal(x, torch::full({3, 2}, 5.F)));
  EXPECT_FLOAT_EQ(frozen.item<float>(), static_cast<float>(rank_));
}

TEST_F(GradientReducerTest, NamesTheParameterThatDiffers) {
  const auto same = torch::ones({2}, torch::requires_grad());
  const auto other = torch::ones({rank_ == 1 ? 4 : 3}, torch::requires_grad());
  try {
    const GradientReducer reducer({same, other}, {"same", "other"}, group_);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("'other'"), std::string::npos) << error.what();
  }
}

TEST_F(GradientReducerTest, RefusesDifferentNumbersOfParameters) {
  std::vector<torch::Tensor> parameters(rank_ == 1 ? 2 : 1, torch::ones({2}, torch::requires_grad()));
  const std::vector<std::string> names(parameters.size(), "x");
  EXPECT_THROW(GradientReducer(parameters, names, group_), Error);
}

TEST_F(GradientReducerTest, GradientsAreThoseOfOneProcessWithTheWholeBatch) {
  torch::manual_seed(1);
  auto mlp = make_mlp();
  auto reference = make_mlp();
  GradientReducer reducer(mlp->parameters(), names_of(*mlp), group_, kSmallBuckets);
  GradientReducer same_start(reference->parameters(), names_of(*reference), group_);
  {
    const torch::NoGradGuard no_grad;
    for (std::size_t i = 0; i < mlp->parameters().size(); ++i) reference->parameters()[i].copy_(mlp->parameters()[i]);
  }
  for (int step = 0; step < 3; ++step) {
    const auto batch = next_batch();
    reducer.zero_grad();
    reducer.backward(loss_of(mlp, batch, share(batch)));
    const auto expected = torch::autograd::grad({loss_of(reference, batch, batch)}, reference->parameters());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_TRUE(torch::allclose(mlp->parameters()[i].grad(), expected[i], 1e-10, 1e-13)) << "parameter " << i;
    }
  }
}

TEST_F(GradientReducerTest, TrainsToTheParametersOfOneProcess) {
  torch::manual_seed(2);
  auto mlp = make_mlp();
  auto reference = make_mlp();
  {
    const torch::NoGradGuard no_grad;
    for (std::size_t i = 0; i < mlp->parameters().size(); ++i) reference->parameters()[i].copy_(mlp->parameters()[i]);
  }
  GradientReducer reducer(mlp->parameters(), names_of(*mlp), group_, kSmallBuckets);
  GradientReducer alone(reference->parameters(), names_of(*reference), {});
  torch::optim::Adam optimizer(mlp->parameters(), 1e-2);
  torch::optim::Adam reference_optimizer(reference->parameters(), 1e-2);
  const double start = loss_of(reference, next_batch(), next_batch()).item<double>();
  double last = 0;
  for (int step = 0; step < 20; ++step) {
    const auto batch = next_batch();
    reducer.zero_grad();
    reducer.backward(loss_of(mlp, batch, share(batch)));
    optimizer.step();
    alone.zero_grad();
    const auto loss = loss_of(reference, batch, batch);
    alone.backward(loss);
    reference_optimizer.step();
    last = loss.item<double>();
  }
  EXPECT_LT(last, start);
  for (std::size_t i = 0; i < mlp->parameters().size(); ++i) {
    EXPECT_TRUE(torch::allclose(mlp->parameters()[i], reference->parameters()[i], 1e-6, 1e-8)) << "parameter " << i;
  }
}

TEST_F(GradientReducerTest, ParametersMayBeUnusedOnSomeRanksAndSteps) {
  const auto common = torch::ones({2}, torch::requires_grad());
  const auto odd = torch::ones({2}, torch::requires_grad());
  const auto never = torch::ones({2}, torch::requires_grad());
  GradientReducer reducer({common, odd, never}, {"common", "odd", "never"}, group_,
                          {.bucket_bytes = 8, .first_bucket_bytes = 8});
  for (int step = 0; step < 4; ++step) {
    reducer.zero_grad();
    const bool uses_odd = (rank_ + step) % 2 == 1;
    reducer.backward(uses_odd ? (common + 3 * odd).sum() : common.sum());
    int users = 0;
    for (int r = 0; r < size_; ++r) users += (r + step) % 2;
    EXPECT_TRUE(torch::equal(common.grad(), torch::full({2}, 1.F * size_)));
    EXPECT_TRUE(torch::equal(odd.grad(), torch::full({2}, 3.F * users)));
    EXPECT_TRUE(torch::equal(never.grad(), torch::zeros({2})));
  }
}

TEST_F(GradientReducerTest, RankWithNothingToDoTakesPart) {
  const auto x = torch::ones({2}, torch::requires_grad());
  GradientReducer reducer({x}, {"x"}, group_);
  for (int step = 0; step < 3; ++step) {
    reducer.zero_grad();
    reducer.backward(rank_ == 0 ? torch::tensor(0.F) : x.sum());
    EXPECT_TRUE(torch::equal(x.grad(), torch::full({2}, size_ - 1.F)));
  }
}

TEST_F(GradientReducerTest, SumsWhatDifferentNumbersOfBackwardsAccumulated) {
  const auto x = torch::ones({2}, torch::requires_grad());
  GradientReducer reducer({x}, {"x"}, group_);
  for (int step = 0; step < 3; ++step) {
    reducer.zero_grad();
    for (int i = 0; i < rank_; ++i) reducer.accumulate(x.sum());
    reducer.backward(x.sum());
    EXPECT_TRUE(torch::equal(x.grad(), torch::full({2}, size_ * (size_ + 1) / 2.F)));
  }
}

TEST_F(GradientReducerTest, KeepsTheLayoutOfParameters) {
  const auto kernel = torch::randn({4, 3, 2, 2}).contiguous(torch::MemoryFormat::ChannelsLast).requires_grad_();
  GradientReducer reducer({kernel}, {"kernel"}, group_);
  reducer.backward((rank_ + 1.F) * kernel.sum());
  EXPECT_EQ(kernel.grad().strides(), kernel.strides());
  EXPECT_TRUE(torch::equal(kernel.grad(), torch::full({4, 3, 2, 2}, size_ * (size_ + 1) / 2.F)));
}

/// Notes how many operations the backend has completed when the backward pass comes by, and gives them time to become
/// more than `*completed` says at first.
struct SlowLayer : torch::autograd::Function<SlowLayer> {
  static torch::Tensor forward(torch::autograd::AutogradContext*, const torch::Tensor& x, MpiBackend* backend,
                               std::int64_t* completed) {
    watched_backend = backend;
    watched_count = completed;
    return x.clone();
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext*,
                                                 const torch::autograd::variable_list& gradients) {
    const auto before = *watched_count;
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    do {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      *watched_count = watched_backend->counters().completed;
    } while (*watched_count == before && std::chrono::steady_clock::now() < limit);
    return {gradients[0], {}, {}};
  }
  static inline MpiBackend* watched_backend = nullptr;
  static inline std::int64_t* watched_count = nullptr;
};

TEST_F(GradientReducerTest, BucketsTravelDuringTheBackwardPass) {
  auto first = torch::nn::Linear(16, 16);
  auto last = torch::nn::Linear(16, 16);
  auto* backend = dynamic_cast<MpiBackend*>(group_->getBackend(c10::kCPU).get());
  ASSERT_NE(backend, nullptr);
  GradientReducer reducer({first->weight, first->bias, last->weight, last->bias}, {"fw", "fb", "lw", "lb"}, group_,
                          {.bucket_bytes = 64, .first_bucket_bytes = 64});
  for (int step = 0; step < 3; ++step) {
    reducer.zero_grad();
    const std::int64_t before = backend->counters().completed;
    std::int64_t during = before;
    const auto hidden = SlowLayer::apply(first->forward(torch::ones({2, 16})), backend, &during);
    reducer.backward(last->forward(hidden).sum());
    EXPECT_GT(during, before) << "no bucket was summed before the backward pass reached the first layer";
    EXPECT_LT(during, backend->counters().completed);
  }
}

}  // namespace
}  // namespace retime::test
