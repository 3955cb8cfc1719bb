#include <gtest/gtest.h>

#include "core/error.hpp"
#include "dist/mpi_backend.hpp"
#include "dist/torch.hpp"
#include "ranks.hpp"

namespace retime::test {
namespace {

constexpr auto kTimeout = std::chrono::seconds(30);

class MpiBackendTest : public testing::Test {
 protected:
  torch::Tensor all_reduce(torch::Tensor tensor, c10d::ReduceOp::RedOpType reduction = c10d::ReduceOp::SUM) {
    c10d::AllreduceOptions options;
    options.reduceOp = reduction;
    std::vector<torch::Tensor> tensors{tensor};
    backend_->allreduce(tensors, options)->wait();
    return tensor;
  }

  const int rank_ = ranks().rank();
  const int size_ = ranks().size();
  const int triangle_ = size_ * (size_ - 1) / 2;
  c10::intrusive_ptr<MpiBackend> backend_ = c10::make_intrusive<MpiBackend>(ranks(), kTimeout);
};

TEST_F(MpiBackendTest, SumsEverySupportedType) {
  for (const auto type :
       {torch::kFloat, torch::kDouble, torch::kHalf, torch::kBFloat16, torch::kInt, torch::kLong, torch::kByte}) {
    const auto sum = all_reduce(torch::full({3, 2}, rank_ + 1, type));
    EXPECT_EQ(sum.scalar_type(), type);
    EXPECT_TRUE(torch::equal(sum, torch::full({3, 2}, triangle_ + size_, type))) << sum;
  }
}

TEST_F(MpiBackendTest, KnowsAverageMinimumAndMaximum) {
  const auto mine = torch::tensor({1.0F * rank_, -2.0F * rank_});
  EXPECT_TRUE(torch::allclose(all_reduce(mine.clone(), c10d::ReduceOp::AVG),
                              torch::tensor({0.5F * (size_ - 1), -1.0F * (size_ - 1)})));
  EXPECT_TRUE(torch::equal(all_reduce(mine.clone(), c10d::ReduceOp::MIN), torch::tensor({0.F, -2.F * (size_ - 1)})));
  EXPECT_TRUE(torch::equal(all_reduce(mine.clone(), c10d::ReduceOp::MAX), torch::tensor({1.F * (size_ - 1), 0.F})));
}

TEST_F(MpiBackendTest, SumsViewsWithoutTouchingTheirNeighbours) {
  auto whole = torch::zeros({4, 4});
  auto column = whole.select(1, 2);
  column.fill_(rank_);
  all_reduce(column);
  EXPECT_TRUE(torch::equal(column, torch::full({4}, static_cast<float>(triangle_))));
  EXPECT_FLOAT_EQ(whole.sum().item<float>(), 4.F * static_cast<float>(triangle_));
}

TEST_F(MpiBackendTest, SumsLargeTensors) {
  const auto sum = all_reduce(torch::full({3'000'000}, rank_ + 0.5));
  EXPECT_TRUE(torch::equal(sum, torch::full({3'000'000}, triangle_ + 0.5 * size_)));
}

TEST_F(MpiBackendTest, BroadcastsAnyTypeAndLayout) {
  const int root = size_ - 1;
  c10d::BroadcastOptions options;
  options.rootRank = root;
  for (const auto type :
       {torch::kChar, torch::kBool, torch::kBFloat16, torch::kFloat, torch::kDouble, torch::kComplexDouble}) {
    const auto values = torch::arange(24).reshape({1, 2, 3, 4}).remainder(2).to(type);
    auto mine = (rank_ == root ? values : torch::zeros_like(values)).contiguous(torch::MemoryFormat::ChannelsLast);
    std::vector<torch::Tensor> tensors{mine};
    backend_->broadcast(tensors, options)->wait();
    EXPECT_TRUE(torch::equal(mine, values)) << type;
  }
}

TEST_F(MpiBackendTest, GathersTensorsOfAllRanks) {
  std::vector<torch::Tensor> input{torch::full({2, 2}, rank_, torch::kLong)};
  std::vector<std::vector<torch::Tensor>> outputs(1);
  for (int i = 0; i < size_; ++i) outputs[0].push_back(torch::full({2, 2}, -1, torch::kLong));
  backend_->allgather(outputs, input)->wait();
  auto flat = torch::empty({2 * size_, 2}, torch::kLong);
  backend_->_allgather_base(flat, input[0])->wait();
  for (int i = 0; i < size_; ++i) {
    EXPECT_TRUE(torch::equal(outputs[0][static_cast<std::size_t>(i)], torch::full({2, 2}, i, torch::kLong)));
  }
  EXPECT_TRUE(torch::equal(flat, torch::cat(outputs[0])));
}

TEST_F(MpiBackendTest, RunsQueuedOperationsInOrder) {
  constexpr int kCount = 50;
  std::vector<c10::intrusive_ptr<c10d::Work>> works;
  auto value = torch::ones({100});
  for (int i = 0; i < kCount; ++i) {
    std::vector<torch::Tensor> tensors{value};
    c10d::AllreduceOptions options;
    options.reduceOp = i % 2 == 0 ? c10d::ReduceOp::SUM : c10d::ReduceOp::AVG;
    works.push_back(backend_->allreduce(tensors, options));
  }
  backend_->barrier()->wait();
  for (const auto& work : works) EXPECT_TRUE(work->isCompleted() && work->isSuccess());
  EXPECT_FLOAT_EQ(value[0].item<float>(), std::pow(static_cast<float>(size_), kCount / 2.0F));
  EXPECT_EQ(backend_->counters().completed, kCount + 1);
  EXPECT_EQ(backend_->counters().bytes, kCount * 400);
}

TEST_F(MpiBackendTest, FutureHoldsTheTensors) {
  std::vector<torch::Tensor> tensors{torch::ones({2})};
  const auto future = backend_->allreduce(tensors)->getFuture();
  future->waitAndThrow();
  const auto result = future->value().toTensorVector();
  ASSERT_EQ(result.size(), 1U);
  EXPECT_EQ(result[0].data_ptr(), tensors[0].data_ptr());
}

TEST_F(MpiBackendTest, RefusesWhatItCannotAddUp) {
  std::vector<torch::Tensor> flags{torch::ones({2}, torch::kBool)};
  EXPECT_THROW(backend_->allreduce(flags), Error);
  std::vector<torch::Tensor> two{torch::ones({2}), torch::ones({2})};
  EXPECT_THROW(backend_->allreduce(two), Error);
  c10d::AllreduceOptions average;
  average.reduceOp = c10d::ReduceOp::AVG;
  std::vector<torch::Tensor> counts{torch::ones({2}, torch::kLong)};
  EXPECT_THROW(backend_->allreduce(counts, average), Error);
}

TEST_F(MpiBackendTest, ErrorOfAnOperationReachesItsWaiterAndStaysForLaterOnes) {
  if (rank_ != 0) {
    // Shorter than what rank 0 sends, so that MPI reports a truncated message here.
    std::vector<torch::Tensor> small{torch::zeros({1})};
    const auto work = backend_->broadcast(small);
    EXPECT_THROW(work->wait(), Error);
    EXPECT_TRUE(work->isCompleted());
    EXPECT_FALSE(work->isSuccess());
    EXPECT_NE(work->exception(), nullptr);
    EXPECT_THROW(backend_->barrier()->wait(), Error);
    EXPECT_THROW(work->getFuture()->value(), Error);
  } else {
    std::vector<torch::Tensor> large{torch::ones({64})};
    EXPECT_NO_THROW(backend_->broadcast(large)->wait());
  }
}

}  // namespace
}  // namespace retime::test
