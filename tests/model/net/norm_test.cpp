#include "model/net/norm.hpp"

#include <gtest/gtest.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/optim/adam.h>

#include "model/step/train_step.hpp"

namespace retime {
namespace {

torch::Tensor parameter(const Norm& norm, const char* name) { return norm->named_parameters()[name]; }
torch::Tensor buffer(const Norm& norm, const char* name) { return norm->named_buffers()[name]; }

Norm make_norm(NormKind kind, int channels) {
  torch::manual_seed(1);
  Norm norm(kind, channels, nullptr);
  const torch::NoGradGuard guard;
  parameter(norm, "weight").uniform_(0.5, 1.5);
  parameter(norm, "bias").uniform_(-1, 1);
  return norm;
}

torch::nn::BatchNorm2d reference_of(const Norm& norm, int channels) {
  torch::nn::BatchNorm2d reference(channels);
  const torch::NoGradGuard guard;
  reference->weight.copy_(parameter(norm, "weight"));
  reference->bias.copy_(parameter(norm, "bias"));
  return reference;
}

TEST(NormTest, InstanceNormalisesEveryChannelOfEveryRow) {
  auto norm = make_norm(NormKind::kInstance, 6);
  const auto x = torch::randn({2, 6, 4, 5}) * 3 + 1;
  const auto expected =
      torch::instance_norm(x, parameter(norm, "weight"), parameter(norm, "bias"), {}, {}, true, 0, 1e-5, false);
  EXPECT_TRUE(torch::allclose(norm(x), expected, 1e-4, 1e-5));
  norm->eval();
  EXPECT_TRUE(torch::allclose(norm(x), expected, 1e-4, 1e-5)) << "training and rendering agree";
}

TEST(NormTest, GroupsHaveEightChannelsWhereThatMakesTwo) {
  for (const auto& [channels, groups] : {std::pair{64, 8}, {16, 2}, {8, 2}, {4, 2}, {2, 1}}) {
    auto norm = make_norm(NormKind::kGroup, channels);
    const auto x = torch::randn({2, channels, 4, 5});
    const auto expected = torch::group_norm(x, groups, parameter(norm, "weight"), parameter(norm, "bias"), 1e-5);
    EXPECT_TRUE(torch::equal(norm(x), expected)) << channels << " channels";
  }
}

class BatchNormTest : public testing::TestWithParam<NormKind> {};

TEST_P(BatchNormTest, IsTheBatchNormOfTorchOnOneRank) {
  auto norm = make_norm(GetParam(), 5);
  auto reference = reference_of(norm, 5);
  for (int step = 0; step < 3; ++step) {
    auto x = (torch::randn({3, 5, 4, 6}) * 2 + 1).requires_grad_();
    auto y = x.detach().clone().requires_grad_();
    norm(x).square().sum().backward();
    reference(y).square().sum().backward();
    EXPECT_TRUE(torch::allclose(x.grad(), y.grad(), 1e-4, 1e-4));
  }
  EXPECT_TRUE(torch::allclose(parameter(norm, "weight").grad(), reference->weight.grad(), 1e-4, 1e-4));
  EXPECT_TRUE(torch::allclose(buffer(norm, "running_mean"), reference->running_mean, 1e-5, 1e-6));
  EXPECT_TRUE(torch::allclose(buffer(norm, "running_var"), reference->running_var, 1e-5, 1e-6));
  norm->eval();
  reference->eval();
  const auto x = torch::randn({2, 5, 4, 6});
  EXPECT_TRUE(torch::allclose(norm(x), reference(x), 1e-4, 1e-5)) << "rendering uses the running statistics";
}

TEST_P(BatchNormTest, RowsOfWeightZeroDoNotCount) {
  auto norm = make_norm(GetParam(), 5), reference = make_norm(GetParam(), 5);
  auto x = (torch::randn({4, 5, 4, 6}) * 2 + 1).requires_grad_();
  auto real = torch::cat({x.detach().slice(0, 0, 1), x.detach().slice(0, 2, 4)}).requires_grad_();
  const auto y = norm(x, torch::tensor({1.F, 0.F, 1.F, 1.F}));
  const auto expected = reference(real);
  const auto real_rows = torch::cat({y.slice(0, 0, 1), y.slice(0, 2, 4)});
  EXPECT_TRUE(torch::allclose(real_rows, expected, 1e-4, 1e-5));
  real_rows.pow(3).sum().backward();
  expected.pow(3).sum().backward();
  EXPECT_TRUE(torch::allclose(torch::cat({x.grad().slice(0, 0, 1), x.grad().slice(0, 2, 4)}), real.grad(), 1e-3, 1e-3));
  EXPECT_EQ(x.grad()[1].abs().max().item<float>(), 0);
  EXPECT_TRUE(torch::allclose(buffer(norm, "running_mean"), buffer(reference, "running_mean"), 1e-4, 1e-5));
  EXPECT_TRUE(torch::allclose(buffer(norm, "running_var"), buffer(reference, "running_var"), 1e-4, 1e-5));
}

TEST_P(BatchNormTest, BatchWithoutRowsThatCountLeavesTheStatistics) {
  auto norm = make_norm(GetParam(), 5);
  norm(torch::randn({3, 5, 4, 6}) * 2 + 1);
  const auto mean = buffer(norm, "running_mean").clone(), var = buffer(norm, "running_var").clone();
  auto x = torch::zeros({1, 5, 4, 6}).requires_grad_();
  const auto y = norm(x, torch::zeros({1}));
  EXPECT_TRUE(torch::allclose(buffer(norm, "running_mean"), mean));
  EXPECT_TRUE(torch::allclose(buffer(norm, "running_var"), var));
  EXPECT_TRUE(y.isfinite().all().item<bool>());
  y.sum().backward();
  EXPECT_TRUE(x.grad().isfinite().all().item<bool>());
}

TEST_P(BatchNormTest, RestartedStatisticsArePlainAverages) {
  auto norm = make_norm(GetParam(), 5);
  norm(torch::full({3, 5, 4, 6}, 100.F));  // old statistics, to be forgotten
  norm->restart_statistics();
  std::vector<torch::Tensor> means, variances;
  for (int i = 0; i < 4; ++i) {
    const auto x = torch::randn({1, 5, 4, 6}) * (i + 1) + i;
    norm(x);
    means.push_back(x.mean({0, 2, 3}));
    variances.push_back(x.var({0, 2, 3}));
  }
  EXPECT_TRUE(torch::allclose(buffer(norm, "running_mean"), torch::stack(means).mean(0), 1e-4, 1e-5));
  EXPECT_TRUE(torch::allclose(buffer(norm, "running_var"), torch::stack(variances).mean(0), 1e-4, 1e-5));
}

INSTANTIATE_TEST_SUITE_P(Kinds, BatchNormTest, testing::Values(NormKind::kBatch, NormKind::kSyncBatch),
                         [](const auto& kind) { return kind.param == NormKind::kBatch ? "batch" : "sync_batch"; });

std::vector<torch::Tensor> sample_parameters() {
  torch::manual_seed(4);
  return {torch::randn({3, 4}).requires_grad_(), torch::randn({7}).requires_grad_(), torch::randn({}).requires_grad_()};
}

void set_gradients(const std::vector<torch::Tensor>& parameters, int step) {
  torch::manual_seed(100 + step);
  for (auto parameter : parameters) parameter.mutable_grad() = torch::randn_like(parameter) * std::pow(10., -2 * step);
}

void expect_close(const std::vector<torch::Tensor>& a, const std::vector<torch::Tensor>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(torch::allclose(a[i], b[i], 1e-5, 1e-7)) << "parameter " << i;
}

TEST(FusedAdamTest, IsAdam) {
  const auto ours = sample_parameters(), theirs = sample_parameters();
  FusedAdam fused({{ours, {"a", "b", "c"}, 1}});
  torch::optim::Adam adam(theirs, torch::optim::AdamOptions(0.01));
  for (int step = 0; step < 5; ++step) {
    set_gradients(ours, step);
    set_gradients(theirs, step);
    fused.step(0.01);
    adam.step();
    expect_close(ours, theirs);
  }
}

TEST(FusedAdamTest, GroupsScaleTheRate) {
  const auto ours = sample_parameters(), theirs = sample_parameters();
  FusedAdam fused({{{ours[0]}, {"a"}, 1}, {{ours[1], ours[2]}, {"b", "c"}, 0.25}});
  torch::optim::Adam fast({theirs[0]}, torch::optim::AdamOptions(0.02));
  torch::optim::Adam slow({theirs[1], theirs[2]}, torch::optim::AdamOptions(0.005));
  for (int step = 0; step < 2; ++step) {
    set_gradients(ours, step);
    set_gradients(theirs, step);
    fused.step(0.02);
    fast.step();
    slow.step();
  }
  expect_close(ours, theirs);
}

TEST(FusedAdamTest, GoesOnExactlyFromItsArrays) {
  const auto straight = sample_parameters(), stopped = sample_parameters();
  FusedAdam uninterrupted({{straight, {"a", "b", "c"}, 1}}), before({{stopped, {"a", "b", "c"}, 1}});
  for (int step = 0; step < 2; ++step) {
    set_gradients(straight, step);
    uninterrupted.step(0.01);
    set_gradients(stopped, step);
    before.step(0.01);
  }
  Checkpoint checkpoint;
  checkpoint.arrays = before.save();
  EXPECT_EQ(checkpoint.arrays.size(), 9U);
  FusedAdam after({{stopped, {"a", "b", "c"}, 1}});
  after.load(checkpoint);
  set_gradients(straight, 3);
  uninterrupted.step(0.01);
  set_gradients(stopped, 3);
  after.step(0.01);
  for (std::size_t i = 0; i < straight.size(); ++i) EXPECT_TRUE(torch::equal(straight[i], stopped[i]));
}

TEST(FusedAdamTest, ArraysOfAnotherModelAreNamed) {
  FusedAdam adam({{sample_parameters(), {"a", "b", "c"}, 1}});
  Checkpoint checkpoint;
  checkpoint.arrays = adam.save();
  checkpoint.arrays[0].dims = {4, 3};
  try {
    adam.load(checkpoint);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("adam_first/a is [4, 3], the model wants [3, 4]"), std::string::npos)
        << error.what();
  }
  checkpoint.arrays.clear();
  EXPECT_THROW(adam.load(checkpoint), Error);
}

}  // namespace
}  // namespace retime
