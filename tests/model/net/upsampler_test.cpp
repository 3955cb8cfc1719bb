#include "model/net/upsampler.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace retime {
namespace {

constexpr int kUpsampleChannels = 6, kWidth = 8;

UpsampleOptions options_with(UpsampleNorm norm) {
  UpsampleOptions options;
  options.width = kWidth;
  options.norm = norm;
  return options;
}

// A network that does not end in zeros, its norms away from their start.
Upsampler random_network(UpsampleNorm norm) {
  torch::manual_seed(3);
  Upsampler network(options_with(norm), kUpsampleChannels, nullptr);
  torch::NoGradGuard guard;
  for (auto& item : network->named_parameters())
    if (item.key().starts_with("conv8") || item.key().starts_with("norm")) item.value().normal_(0.3, 0.5);
  for (auto& item : network->named_buffers()) item.value().uniform_(0.5, 2);
  return network;
}

class UpsamplerNorms : public testing::TestWithParam<UpsampleNorm> {};

TEST_P(UpsamplerNorms, UntrainedNetworkChangesNothing) {
  Upsampler network(options_with(GetParam()), kUpsampleChannels, nullptr);
  const auto residual = network->forward(torch::randn({3, kUpsampleChannels, 12, 20}), torch::ones({3}));
  EXPECT_EQ(residual.sizes(), (std::vector<std::int64_t>{3, 4, 12, 20}));
  EXPECT_EQ(residual.abs().max().item<float>(), 0);
}

TEST_P(UpsamplerNorms, HasTheLayersOfThePaper) {
  Upsampler network(options_with(GetParam()), kUpsampleChannels, nullptr);
  std::int64_t weights = 0;
  for (const auto& item : network->named_parameters())
    if (item.key().starts_with("conv")) weights += item.value().numel();
  EXPECT_EQ(weights, 9 * kUpsampleChannels * kWidth + 6 * 9 * kWidth * kWidth + 9 * kWidth * 4 + 4);
}

TEST_P(UpsamplerNorms, GivenStatisticsTakeThePlaceOfItsOwn) {
  const torch::NoGradGuard guard;
  auto network = random_network(GetParam());
  network->eval();
  const auto input = torch::randn({2, kUpsampleChannels, 16, 16});
  std::vector<RowStatistics> statistics;
  while (statistics.size() < UpsamplerImpl::kNorms) {
    const auto values = network->forward_with(input, statistics);
    EXPECT_EQ(values.size(1), kWidth);
    statistics.push_back({values.mean({2, 3}), values.var({2, 3}, false)});
  }
  const auto given = network->forward_with(input, statistics), own = network->forward(input);
  EXPECT_EQ(given.sizes(), own.sizes());
  EXPECT_EQ(torch::allclose(given, own, 1e-4, 1e-4), network->has_instance_norm());
}

INSTANTIATE_TEST_SUITE_P(Norms, UpsamplerNorms, testing::Values(UpsampleNorm::kFrozen, UpsampleNorm::kInstance),
                         [](const auto& norm) { return word_of(kUpsampleNorms, norm.param); });

TEST(Upsampler, SeesAsFarAsItsRadius) {
  const torch::NoGradGuard guard;
  auto network = random_network(UpsampleNorm::kFrozen);
  network->eval();
  network->to(torch::kDouble);
  const auto input = torch::randn({50, kUpsampleChannels, 1, 64}, torch::kDouble);
  auto other = input.clone();
  other.select(3, 30).add_(100 * torch::randn({50, kUpsampleChannels, 1}, torch::kDouble));
  const auto changed = (network->forward(input) - network->forward(other)).abs().amax({0, 1, 2}) > 0;
  const auto columns = changed.nonzero().flatten();
  EXPECT_EQ(columns[0].item<std::int64_t>(), 30 - UpsamplerImpl::kRadius);
  EXPECT_EQ(columns[-1].item<std::int64_t>(), 30 + UpsamplerImpl::kRadius);
}

TEST(Upsampler, FrozenStatisticsAreLearntUntilTheyAreFrozen) {
  auto network = random_network(UpsampleNorm::kFrozen);
  const auto mean = network->named_buffers()["norm1.running_mean"];
  const auto before = mean.clone();
  network->eval();
  network->forward(torch::randn({2, kUpsampleChannels, 8, 8}), torch::ones({2}));
  EXPECT_TRUE(mean.equal(before));
  network->train();
  network->forward(torch::randn({2, kUpsampleChannels, 8, 8}), torch::ones({2}));
  EXPECT_FALSE(mean.equal(before));
}

TEST(Upsampler, RowsThatFillAPlaceDoNotCount) {
  const torch::NoGradGuard guard;
  auto network = random_network(UpsampleNorm::kFrozen);
  auto input = torch::randn({3, kUpsampleChannels, 8, 8});
  const auto weight = torch::tensor({1.F, 1.F, 0.F});
  const auto with = network->forward(input, weight);
  const auto alone = network->forward(input.slice(0, 0, 2), torch::ones({2}));
  EXPECT_TRUE(torch::allclose(with.slice(0, 0, 2), alone, 1e-5, 1e-6));
}

TEST(UpsampleOptions, ValuesOutOfRangeAreRefused) {
  EXPECT_NO_THROW(UpsampleOptions().validate());
  UpsampleOptions options;
  options.crop = 30;
  EXPECT_THROW(options.validate(), UsageError);
  options = {};
  options.epochs = -1;
  EXPECT_THROW(options.validate(), UsageError);
  options = {};
  options.residual_scale = 0;
  EXPECT_THROW(options.validate(), UsageError);
}

}  // namespace
}  // namespace retime
