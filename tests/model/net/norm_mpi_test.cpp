#include <gtest/gtest.h>
#include <torch/nn/modules/batchnorm.h>

#include "dist/ranks.hpp"
#include "model/net/norm.hpp"

namespace retime::test {
namespace {

constexpr int kChannels = 5;

// Rank r holds r + 1 rows of a batch that all ranks know.
class SyncBatchTest : public testing::Test {
 protected:
  SyncBatchTest() : collectives_(std::make_shared<Collectives>(make_process_group(ranks(), c10::kCPU))) {
    torch::manual_seed(1);
    batch_ = torch::randn({last_row(ranks().size() - 1), kChannels, 3, 4}) * 2 + 1;
    factor_ = torch::randn_like(batch_);
  }
  static std::int64_t first_row(int rank) { return rank * (rank + 1) / 2; }
  static std::int64_t last_row(int rank) { return first_row(rank) + rank + 1; }
  static torch::Tensor own(const torch::Tensor& rows) {
    return rows.slice(0, first_row(ranks().rank()), last_row(ranks().rank()));
  }

  Norm make_norm(NormKind kind) const {
    torch::manual_seed(2);
    Norm norm(kind, kChannels, collectives_);
    const torch::NoGradGuard guard;
    for (auto& item : norm->named_parameters()) item.value().uniform_(0.5, 1.5);
    return norm;
  }

  static void expect_close(const torch::Tensor& a, const torch::Tensor& b, const char* what) {
    EXPECT_TRUE(torch::allclose(a, b, 1e-4, 1e-4)) << what << " differs by " << (a - b).abs().max().item<float>();
  }

  std::shared_ptr<Collectives> collectives_;
  torch::Tensor batch_, factor_;
};

// The same norm over `rows` of the whole batch, on every rank alone.
struct Expected {
  Expected(const Norm& norm, const torch::Tensor& rows, const torch::Tensor& factor)
      : input(rows.detach().clone().requires_grad_()), norm_(torch::nn::BatchNorm2d(kChannels)) {
    const torch::NoGradGuard guard;
    norm_->weight.copy_(norm->named_parameters()["weight"]);
    norm_->bias.copy_(norm->named_parameters()["bias"]);
    const torch::AutoGradMode grad(true);
    output = norm_(input);
    (output.tanh() * factor).sum().backward();
  }
  torch::Tensor input, output;
  torch::nn::BatchNorm2d norm_;
};

TEST_F(SyncBatchTest, IsBatchNormOfTheBatchOfAllRanks) {
  auto norm = make_norm(NormKind::kSyncBatch);
  const Expected expected(norm, batch_, factor_);
  auto x = own(batch_).clone().requires_grad_();
  const auto y = norm(x);
  expect_close(y, own(expected.output), "output");
  (y.tanh() * own(factor_)).sum().backward();
  expect_close(x.grad(), own(expected.input.grad()), "gradient of the input");
  const auto& weight = norm->named_parameters()["weight"];
  expect_close(collectives_->sum(weight.grad()), expected.norm_->weight.grad(), "gradient of the scale");
  expect_close(collectives_->sum(norm->named_parameters()["bias"].grad()), expected.norm_->bias.grad(), "of the shift");
  expect_close(norm->named_buffers()["running_mean"], expected.norm_->running_mean, "running mean");
  expect_close(norm->named_buffers()["running_var"], expected.norm_->running_var, "running variance");
}

TEST_F(SyncBatchTest, RankWithoutRowsThatCountTakesPart) {
  auto norm = make_norm(NormKind::kSyncBatch);
  const auto others = batch_.slice(0, 1);  // rank 0 holds row 0, a stand-in
  const Expected expected(norm, others, factor_.slice(0, 1));
  const double counts = ranks().rank() == 0 ? 0 : 1;
  auto x = own(batch_).clone().requires_grad_();
  const auto y = norm(x, torch::full({x.size(0)}, counts));
  (counts * (y.tanh() * own(factor_)).sum()).backward();
  if (ranks().rank() == 0) {
    EXPECT_EQ(x.grad().abs().max().item<float>(), 0);
  } else {
    const auto first = first_row(ranks().rank()) - 1, last = last_row(ranks().rank()) - 1;
    expect_close(y, expected.output.slice(0, first, last), "output");
    expect_close(x.grad(), expected.input.grad().slice(0, first, last), "gradient of the input");
  }
  expect_close(norm->named_buffers()["running_var"], expected.norm_->running_var, "running variance");
}

TEST_F(SyncBatchTest, PlainBatchNormLooksAtItsOwnRankOnly) {
  auto norm = make_norm(NormKind::kBatch);
  const Expected expected(norm, own(batch_), own(factor_));
  expect_close(norm(own(batch_)), expected.output, "output");
}

TEST_F(SyncBatchTest, EvaluationNeedsNoOtherRank) {
  auto norm = make_norm(NormKind::kSyncBatch);
  norm->eval();
  if (ranks().is_root()) {
    EXPECT_EQ(norm(batch_).sizes(), batch_.sizes());
  }
}

}  // namespace
}  // namespace retime::test
