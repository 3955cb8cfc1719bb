#include "model/layers/composite.hpp"

#include <gtest/gtest.h>

#include "model/layers/detail_transfer.hpp"

namespace retime {
namespace {

constexpr std::int64_t kBatch = 2, kLayers = 3, kRows = 3, kColumns = 4;

class CompositeTest : public testing::Test {
 protected:
  CompositeTest() {
    torch::manual_seed(1);
    background_ = 2 * torch::rand({kBatch, 3, kRows, kColumns}) - 1;
    layers_ = 2 * torch::rand({kBatch, kLayers, 4, kRows, kColumns}) - 1;
    layers_.select(2, 3).uniform_(0, 1);
  }
  torch::Tensor alpha() const { return layers_.select(2, 3); }

  template <class Visit>
  static void for_each_pixel(Visit&& visit) {
    for (std::int64_t b = 0; b < kBatch; ++b)
      for (std::int64_t y = 0; y < kRows; ++y)
        for (std::int64_t x = 0; x < kColumns; ++x) visit(b, y, x);
  }

  torch::Tensor background_, layers_;
};

TEST_F(CompositeTest, OverPaintsBackToFront) {
  const auto result = over(background_, layers_);
  for_each_pixel([&](auto b, auto y, auto x) {
    for (std::int64_t c = 0; c < 3; ++c) {
      double value = background_[b][c][y][x].template item<double>();
      for (std::int64_t n = 0; n < kLayers; ++n) {
        const double a = alpha()[b][n][y][x].template item<double>();
        value = a * layers_[b][n][c][y][x].template item<double>() + (1 - a) * value;
      }
      EXPECT_NEAR(result[b][c][y][x].template item<double>(), value, 1e-6);
    }
  });
}

TEST_F(CompositeTest, OpaqueFrontLayerHidesTheRest) {
  layers_.select(1, kLayers - 1).select(1, 3).fill_(1);
  EXPECT_TRUE(torch::allclose(over(background_, layers_), layers_.select(1, kLayers - 1).slice(1, 0, 3)));
}

TEST_F(CompositeTest, NoLayersLeaveTheBackground) {
  EXPECT_TRUE(torch::equal(over(background_, layers_.slice(1, 0, 0)), background_));
}

TEST_F(CompositeTest, WeightsAreSharesOfTheComposite) {
  const auto weights = over_weights(alpha());
  EXPECT_EQ(weights.sizes(), (std::vector<std::int64_t>{kBatch, kLayers + 1, kRows, kColumns}));
  EXPECT_TRUE(torch::allclose(weights.sum(1), torch::ones({kBatch, kRows, kColumns})));
  for_each_pixel([&](auto b, auto y, auto x) {
    for (std::int64_t n = 0; n <= kLayers; ++n) {
      double share = n == 0 ? 1 : alpha()[b][n - 1][y][x].template item<double>();
      for (std::int64_t front = n; front < kLayers; ++front)
        share *= 1 - alpha()[b][front][y][x].template item<double>();
      EXPECT_NEAR(weights[b][n][y][x].template item<double>(), share, 1e-6);
    }
  });
  const auto colors = torch::cat({background_.unsqueeze(1), layers_.slice(2, 0, 3)}, 1);
  EXPECT_TRUE(torch::allclose((weights.unsqueeze(2) * colors).sum(1), over(background_, layers_), 1e-5, 1e-6));
}

TEST_F(CompositeTest, AlphasJoinAsAskedFor) {
  const auto joined = composite_alpha(alpha(), AlphaComposite::kTrue);
  const auto squared = composite_alpha(alpha(), AlphaComposite::kSquared);
  EXPECT_TRUE(torch::allclose(joined, 1 - (1 - alpha()).prod(1), 1e-5, 1e-6));
  for_each_pixel([&](auto b, auto y, auto x) {
    double value = 0;
    for (std::int64_t n = 0; n < kLayers; ++n) {
      const double a = alpha()[b][n][y][x].template item<double>();
      value = a * a + (1 - a) * value;
    }
    EXPECT_NEAR(squared[b][y][x].template item<double>(), value, 1e-6);
  });
}

TEST_F(CompositeTest, GradientReachesEveryLayer) {
  auto layers = layers_.clone().requires_grad_(), background = background_.clone().requires_grad_();
  over(background, layers).sum().backward();
  const auto weights = over_weights(alpha()).unsqueeze(2);
  EXPECT_TRUE(torch::allclose(background.grad(), weights.select(1, 0).expand_as(background), 1e-5, 1e-6));
  EXPECT_TRUE(
      torch::allclose(layers.grad().slice(2, 0, 3), weights.slice(1, 1).expand({-1, -1, 3, -1, -1}), 1e-5, 1e-6));
}

// Largest difference, in levels of 255, between a frame and the composite of 8-bit layers.
double recomposition_error(const torch::Tensor& frame, const torch::Tensor& colors, const torch::Tensor& alpha) {
  const auto levels = (colors * 255).round() / 255;
  EXPECT_TRUE(torch::equal(levels, colors)) << "colours are not of 8 bits";
  const auto layers = torch::cat({levels.slice(0, 1), quantize(alpha)}, 1).unsqueeze(0);
  const auto composite = (over(levels.slice(0, 0, 1), layers)[0] * 255).round();
  return (composite - frame * 255).abs().max().item<double>();
}

class DetailTransferTest : public testing::Test {
 protected:
  DetailTransferTest() { torch::manual_seed(2); }
  static constexpr std::int64_t kSide = 64;

  const torch::Tensor frame_ = quantize(torch::rand({3, kSide, kSide}));
  const torch::Tensor background_ = torch::rand({3, kSide, kSide});
};

TEST_F(DetailTransferTest, RecompositionIsTheFrameForAnyLayers) {
  for (const std::int64_t count : {1, 2, 5}) {
    auto layers = torch::rand({count, 4, kSide, kSide});
    layers.select(1, 3).copy_(((layers.select(1, 3) - 0.1) / 0.8).clamp(0, 1));  // some exactly 0 or 1
    const auto result = transfer_detail(frame_, background_, layers);
    EXPECT_LE(recomposition_error(frame_, result.colors, result.alphas), 1.0) << count << " layers";
  }
}

TEST_F(DetailTransferTest, ExtremeFramesAreReached) {
  const auto layers = torch::rand({3, 4, kSide, kSide});
  for (const double level : {0.0, 1.0}) {
    const auto frame = torch::full_like(frame_, level);
    const auto result = transfer_detail(frame, background_, layers);
    EXPECT_LE(recomposition_error(frame, result.colors, result.alphas), 1.0) << level;
  }
}

TEST_F(DetailTransferTest, NothingChangesWhenNothingIsMissing) {
  const auto layers = quantize(torch::rand({2, 4, kSide, kSide}));
  const auto background = quantize(background_);
  const auto frame = over(background.unsqueeze(0), layers.unsqueeze(0))[0];
  const auto [colors, alphas] = transfer_detail(frame, background, layers);
  EXPECT_TRUE(torch::equal(alphas, layers.slice(1, 3, 4)));
  const auto before = torch::cat({background.unsqueeze(0), layers.slice(1, 0, 3)});
  EXPECT_LE((colors - before).abs().max().item<double>(), 1.01 / 255);
}

TEST_F(DetailTransferTest, OpaqueObjectLeavesTheBackgroundUnchanged) {
  auto layers = torch::rand({2, 4, kSide, kSide});
  layers.select(1, 3).fill_(0);
  layers[1][3].fill_(1);
  const auto colors = transfer_detail(frame_, background_, layers).colors;
  EXPECT_TRUE(torch::equal(colors[0], quantize(background_)));
  EXPECT_TRUE(torch::equal(colors[1], quantize(layers[0].slice(0, 0, 3)))) << "nor what is hidden or invisible";
  EXPECT_LE((colors[2] - frame_).abs().max().item<double>(), 0.5 / 255);
}

// A shadow takes the detail that it can carry; what it leaves to the background would stay as a ghost.
TEST_F(DetailTransferTest, HalfOpaqueObjectTakesMostOfTheDetail) {
  auto layers = torch::full({1, 4, kSide, kSide}, 0.5);
  const auto background = torch::full_like(background_, 0.5);
  const auto colors = transfer_detail(torch::full_like(frame_, 0.6), background, layers).colors;
  EXPECT_LT((colors[0] - background).abs().max().item<double>(), 0.1 * (colors[1] - 0.5).abs().min().item<double>());
}

// A dark shadow whose matte is too thin: pushing what is missing into the background would leave glaring colours there.
TEST_F(DetailTransferTest, TooThinAShadowIsMadeThickEnough) {
  auto layers = torch::zeros({2, 4, kSide, kSide});
  layers[0][3].fill_(0.3);
  const auto background = torch::full_like(background_, 0.6), frame = torch::full_like(frame_, 0.1);
  const auto result = transfer_detail(frame, background, layers);
  EXPECT_LE(recomposition_error(frame, result.colors, result.alphas), 1.0);
  EXPECT_LE((result.colors[0] - background).abs().max().item<double>(), 5.0 / 255) << "a ghost in the background";
  EXPECT_GE(result.alphas[0].min().item<double>(), 0.8);
  EXPECT_EQ(result.alphas[1].max().item<double>(), 0) << "an absent layer stays absent";
}

// Objects take what they miss where they are seen, the background nothing.
TEST_F(DetailTransferTest, BesideOnlyObjectsTakeDetail) {
  auto layers = torch::zeros({2, 4, kSide, kSide});
  layers[0][3].slice(1, 0, 16).fill_(0.4);    // a shadow
  layers[0][3].slice(1, 16, 24).fill_(0.02);  // its faint end
  layers[1].slice(0, 0, 3).fill_(0.5);
  layers[1][3].slice(1, 32, 64).fill_(1);
  const auto frame = quantize(0.5 + 0.02 * (frame_ - 0.5)), background = quantize(torch::full_like(background_, 0.5));
  const auto [colors, alphas] = detailed_layers(DetailTransfer::kBeside, frame, background, layers);
  EXPECT_TRUE(torch::equal(colors[0], background));
  EXPECT_TRUE(torch::equal(alphas, quantize(layers.slice(1, 3, 4)))) << "it explains noise already";
  const auto shown = over(colors.slice(0, 0, 1), torch::cat({colors.slice(0, 1), alphas}, 1).unsqueeze(0))[0];
  EXPECT_LE((shown - frame).slice(2, 0, 16).abs().mean().item<double>(), 0.6 * 0.2 + 0.01) << "as far as it is seen";
  EXPECT_LE((shown - frame).slice(2, 32, 64).abs().max().item<double>(), 0.51 / 255);
  EXPECT_TRUE(torch::equal(colors[1].slice(2, 16, 24), quantize(layers[0].slice(0, 0, 3).slice(2, 16, 24))));
}

// A few levels on something nearly black are left to the plane beside the layers.
TEST_F(DetailTransferTest, BesideDarkPlacesStayInTheBackground) {
  auto layers = torch::zeros({1, 4, kSide, kSide});
  layers[0][3].fill_(0.05);
  const auto frame = torch::full_like(frame_, 3.0 / 255), background = torch::full_like(background_, 14.0 / 255);
  EXPECT_GE(detailed_layers(DetailTransfer::kExact, frame, background, layers).alphas.min().item<double>(), 0.4);
  EXPECT_LE(detailed_layers(DetailTransfer::kBeside, frame, background, layers).alphas.max().item<double>(), 0.1);
  const auto lit = torch::full_like(background_, 0.8), shaded = torch::full_like(frame_, 0.4);
  EXPECT_GE(detailed_layers(DetailTransfer::kBeside, shaded, lit, layers).alphas.min().item<double>(), 0.45);
}

// What is off by more than half the range is in the layers, so that the rest fits a signed byte.
TEST_F(DetailTransferTest, BesideNothingLargeRemains) {
  auto layers = torch::rand({3, 4, kSide, kSide});
  const auto [colors, alphas] = detailed_layers(DetailTransfer::kBeside, frame_, background_, layers);
  const auto shown = over(colors.slice(0, 0, 1), torch::cat({colors.slice(0, 1), alphas}, 1).unsqueeze(0))[0];
  const auto rest = ((shown - frame_).abs() * 255).max().item<double>();
  EXPECT_LE(rest, 121);
  EXPECT_GT(rest, 20) << "or there would be nothing to keep beside";
}

TEST(Quantize, RoundsToLevelsAndClamps) {
  const auto values = torch::tensor({-1.0F, 0.0F, 0.499F / 255, 0.501F / 255, 1.0F, 3.0F});
  EXPECT_TRUE(torch::allclose(quantize(values) * 255, torch::tensor({0.F, 0.F, 0.F, 1.F, 255.F, 255.F})));
}

}  // namespace
}  // namespace retime
