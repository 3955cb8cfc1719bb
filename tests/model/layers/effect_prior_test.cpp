#include "model/layers/effect_prior.hpp"

#include <gtest/gtest.h>

namespace retime {
namespace {

constexpr std::int64_t kPriorHeight = 48, kPriorWidth = 96;
constexpr Size kPriorSize{kPriorWidth, kPriorHeight};

// A frame with two bodies, `gap` pixels apart, and the shadow of each to its right: nobody knows whose they are.
Batch frame_of(int left, int gap) {
  Batch batch;
  batch.frames = torch::zeros({1, 3, kPriorHeight, kPriorWidth});
  batch.object_count = 2;
  batch.slot_frame = torch::zeros({2}, torch::kLong);
  batch.slot_object = batch.slot_place = torch::tensor({0L, 1L});
  batch.slot_weight = torch::ones({2});
  batch.iuv = torch::zeros({2, 3, kPriorHeight, kPriorWidth});
  batch.matte = torch::zeros({2, 4, kPriorHeight, kPriorWidth});
  batch.visibility = torch::ones({2, 1, kPriorHeight, kPriorWidth});
  for (const int object : {0, 1}) {
    const int x = left + gap * object;
    batch.iuv[object][0].slice(0, 10, 30).slice(1, x, x + 6).fill_(1);
    batch.matte[0][3].slice(0, 26, 30).slice(1, x + 10, x + 18).fill_(0.5);  // all with the first one's matte
    batch.visibility.slice(2, 26, 30).slice(3, x + 10, x + 18).fill_(0.5);
  }
  return batch;
}

// Where the clip shows the two at several distances.
void observe(EffectPrior& prior) {
  const torch::NoGradGuard guard;
  prior->start();
  for (int round = 0; round < 12; ++round) {
    auto sums = prior->empty_sums();
    for (const int gap : {20, 24, 28, 34, 40}) prior->add(frame_of(8, gap), sums);
    prior->update(sums);
  }
}

TEST(EffectPrior, FindsOnWhichSideShadowsLieThoughNoneIsAlone) {
  EffectPrior prior(2);
  observe(prior);
  const auto batch = frame_of(8, 24);
  const auto contested = (batch.visibility == 0.5).to(torch::kFloat);
  const auto share = prior_shares(prior->expected(batch, kPriorSize, whole(kPriorSize)), contested, batch);
  // The first one's shadow lies nearer to the second one, at x = 32.
  EXPECT_EQ(share[0][0][28][24].item<float>(), 1);
  EXPECT_EQ(share[1][0][28][24].item<float>(), 0);
  EXPECT_EQ(share[0][0][28][46].item<float>(), 0);
  EXPECT_EQ(share[1][0][28][46].item<float>(), 1);
  EXPECT_EQ(share[0][0][5][5].item<float>(), 0) << "nothing is contested there";
}

TEST(EffectPrior, ExpectsTheDepthThatIsSeen) {
  EffectPrior prior(2);
  observe(prior);
  const auto expected = prior->expected(frame_of(8, 60), kPriorSize, whole(kPriorSize));
  EXPECT_NEAR(expected[0][0][28][22].item<float>(), std::log(2.0), 0.15);
  EXPECT_NEAR(expected[0][0][20][22].item<float>(), 0, 0.02);
}

TEST(EffectPrior, WindowsAndLargerPicturesShowTheSame) {
  EffectPrior prior(2);
  observe(prior);
  const auto batch = frame_of(8, 30);
  const Size doubled{2 * kPriorWidth, 2 * kPriorHeight};
  const auto large = prior->expected(batch, doubled, whole(doubled));
  const Window window{30, 40, 71, 63};
  EXPECT_TRUE(torch::allclose(prior->expected(batch, doubled, window), cut({large, whole(doubled)}, window), 0, 1e-4));
  const auto small = torch::avg_pool2d(large, {2, 2});
  EXPECT_LT((small - prior->expected(batch, kPriorSize, whole(kPriorSize))).abs().mean().item<float>(), 0.01);
}

TEST(EffectPrior, ExpectsNothingOfAbsentObjectsAndSharesEquallyWhenItKnowsNothing) {
  EffectPrior prior(2);
  auto batch = frame_of(8, 24);
  const auto contested = (batch.visibility == 0.5).to(torch::kFloat);
  EXPECT_NEAR(
      prior_shares(prior->expected(batch, kPriorSize, whole(kPriorSize)), contested, batch)[1][0][28][24].item<float>(),
      0.5, 1e-4);
  batch.iuv[1].zero_();
  EXPECT_EQ(prior->expected(batch, kPriorSize, whole(kPriorSize))[1].abs().max().item<float>(), 0);
}

}  // namespace
}  // namespace retime
