#include "model/layers/attribution.hpp"

#include <gtest/gtest.h>

#include "model/layers/composite.hpp"
#include "model/scene/sampler.hpp"

namespace retime {
namespace {

constexpr std::int64_t kHeight = 24, kWidth = 48;

// One frame with two objects: bodies on the left and on the right, a shadow to the right of each.
Batch two_objects() {
  Batch batch;
  batch.frames = torch::zeros({1, 3, kHeight, kWidth});
  batch.object_count = 2;
  batch.slot_frame = torch::zeros({2}, torch::kLong);
  batch.slot_object = batch.slot_place = torch::tensor({0L, 1L});
  batch.iuv = torch::zeros({2, 3, kHeight, kWidth});
  batch.matte = torch::zeros({2, 4, kHeight, kWidth});
  for (const int object : {0, 1}) {
    const int left = 4 + 24 * object;
    batch.iuv[object][0].slice(0, 4, 20).slice(1, left, left + 6).fill_(1);
    batch.matte[object].slice(1, 4, 20).slice(2, left, left + 6).fill_(1);
    batch.matte[object][3].slice(0, 16, 20).slice(1, left + 8, left + 14).fill_(object == 0 ? 0.5 : 0.25);
  }
  batch.visibility = torch::ones({2, 1, kHeight, kWidth});
  return batch;
}

// Nothing is known about where effects lie.
torch::Tensor equal() { return torch::ones({2, 1, kHeight, kWidth}); }

torch::Tensor claims(double first, double second) {
  auto logits = torch::zeros({2, 5, kHeight, kWidth});
  logits[0][4].fill_(first);
  logits[1][4].fill_(second);
  return logits;
}

TEST(MatteTrust, IsSplitInThree) {
  const auto trust = matte_trust(torch::tensor({0.0, 0.25, 0.5, 0.75, 1.0}));
  EXPECT_TRUE(torch::allclose(trust.known, torch::tensor({0.0, 0.0, 0.0, 0.5, 1.0})));
  EXPECT_TRUE(torch::allclose(trust.contested, torch::tensor({0.0, 0.5, 1.0, 0.5, 0.0})));
  EXPECT_TRUE(torch::allclose(trust.hidden, torch::tensor({1.0, 0.5, 0.0, 0.0, 0.0})));
}

TEST(AssembleLayers, KnownMattesAreTakenAsTheyAre) {
  const auto batch = two_objects();
  const auto layers = assemble_layers(torch::randn({2, 5, kHeight, kWidth}), batch, equal(), batch);
  EXPECT_TRUE(torch::allclose(layers.slice(1, 3, 4), batch.matte.slice(1, 3, 4), 0, 1e-6));
  const auto premultiplied = (layers.slice(1, 0, 3) + 1) / 2 * layers.slice(1, 3, 4);
  EXPECT_TRUE(torch::allclose(premultiplied, batch.matte.slice(1, 0, 3), 0, 1e-3));
}

TEST(AssembleLayers, ContestedEffectsGoToWhoClaimsThem) {
  auto batch = two_objects();
  batch.visibility.slice(2, 16, 20).slice(3, 12, 18).fill_(0.5);  // the first object's shadow, for both
  const auto first = assemble_layers(claims(9, -9), batch, equal(), batch);
  EXPECT_NEAR(first[0][3][18][14].item<float>(), 0.5, 1e-3);
  EXPECT_NEAR(first[1][3][18][14].item<float>(), 0, 1e-3);
  const auto second = assemble_layers(claims(-9, 9), batch, equal(), batch);
  EXPECT_NEAR(second[0][3][18][14].item<float>(), 0, 1e-3);
  EXPECT_NEAR(second[1][3][18][14].item<float>(), 0.5, 1e-3);
}

TEST(AssembleLayers, SharesLaidOverEachOtherGiveTheWhole) {
  auto batch = two_objects();
  batch.visibility.slice(2, 16, 20).slice(3, 12, 18).fill_(0.5);
  const auto behind = torch::rand({1, 3, kHeight, kWidth});
  const auto compose = [&](double first, double second) {
    const auto layers = assemble_layers(claims(first, second), batch, equal(), batch);
    return over(behind, stack_layers(layers, batch));
  };
  EXPECT_TRUE(torch::allclose(compose(0.3, -0.4), compose(9, -9), 0, 1e-3));
}

TEST(Simulate, StagesContestsWhoseOwnersAreKnown) {
  const auto batch = two_objects();
  auto input = completion_input(batch, equal());
  EXPECT_EQ(input.contested.abs().max().item<float>(), 0);
  // The second object comes to stand where the first one is: their shadows lie on each other.
  std::vector<Occluder> occluders(2);
  occluders[0].contests = true;
  simulate(batch, equal(), occlusion_of(occluders, {0, 0}), input);
  EXPECT_EQ(input.contested[0][0][18][14].item<float>(), 1);
  EXPECT_EQ(input.known[0][0][18][14].item<float>(), 0);
  EXPECT_NEAR(input.total[0][3][18][14].item<float>(), 1 - 0.5 * 0.75, 1e-3);
  const double own = std::log(0.5), all = own + std::log(0.75);
  EXPECT_NEAR(input.claim[0][0][18][14].item<float>(), own / all, 1e-3);
  EXPECT_EQ(input.contested[1].abs().max().item<float>(), 0) << "only where asked";
  EXPECT_EQ(input.known[0][0][10][6].item<float>(), 1) << "bodies are not contested";
}

TEST(Simulate, HidesPieces) {
  const auto batch = two_objects();
  auto input = completion_input(batch, equal());
  std::vector<Occluder> occluders(2);
  occluders[1].hides = true;
  simulate(batch, equal(), occlusion_of(occluders, {0, 0}), input);
  EXPECT_EQ((1 - input.known[0]).sum().item<float>(), 0);
  EXPECT_EQ((1 - input.known[1]).sum().item<float>(), 6 * 16) << "its own silhouette on itself";
}

torch::Tensor body_at(int left, int top, int width, int height) {
  auto body = torch::zeros({1, 1, 40, 60}, torch::kBool);
  body.slice(2, top, top + height).slice(3, left, left + width).fill_(true);
  return body;
}

torch::Tensor placed(const torch::Tensor& body, const Placement& placement, Placing placing) {
  const auto boxes = boxes_of(body);
  return place(body.to(torch::kFloat), boxes, boxes, placement_rows({placement}), placing);
}

TEST(SimulatedOcclusion, SilhouetteComesToLieWhereAsked) {
  // The centre comes to lie at the first column of the box, 20.5, at half its height.
  const auto hidden = placed(body_at(20, 10, 9, 16), {1, 0, 0.5}, Placing::kMirroredNearest);
  EXPECT_EQ(hidden.sum().item<float>(), 9 * 16);
  EXPECT_EQ(hidden.slice(2, 10, 26).slice(3, 16, 25).min().item<float>(), 1);
}

TEST(SimulatedOcclusion, SilhouetteIsMirroredAndEffectsAreNot) {
  auto body = body_at(20, 10, 11, 16);
  body.slice(2, 10, 12).slice(3, 20, 23).fill_(false);  // a notch in the upper left corner
  EXPECT_EQ(placed(body, {}, Placing::kMirroredNearest)[0][0][10][29].item<float>(), 0);
  EXPECT_NEAR(placed(body, {}, Placing::kBilinear)[0][0][10][21].item<float>(), 0, 1e-4);
  EXPECT_NEAR(placed(body, {}, Placing::kBilinear)[0][0][10][29].item<float>(), 1, 1e-4);
}

TEST(SimulatedOcclusion, SilhouetteGrowsWithTheScale) {
  const auto hidden = placed(body_at(24, 12, 8, 16), {1.25, 0.5, 0.5}, Placing::kMirroredNearest);
  EXPECT_NEAR(hidden.sum().item<float>(), 1.25 * 1.25 * 8 * 16, 16);
}

TEST(SimulatedOcclusion, AbsentObjectsLoseNothing) {
  const auto none = torch::zeros({1, 1, 40, 60}, torch::kBool);
  EXPECT_EQ(placed(none, {}, Placing::kMirroredNearest).abs().max().item<float>(), 0);
}

TEST(SimulatedOcclusion, OccluderIsAFunctionOfItsKeys) {
  const auto a = occluder_of(1, 17, 0), b = occluder_of(1, 17, 0), other = occluder_of(1, 17, 1);
  EXPECT_TRUE(a.hides);
  EXPECT_TRUE(a.contests);
  EXPECT_EQ(a.silhouette.x, b.silhouette.x);
  EXPECT_EQ(a.other.scale, b.other.scale);
  EXPECT_NE(a.silhouette.x, other.silhouette.x);
  int hiding = 0;
  for (std::uint64_t key = 0; key < 1000; ++key) hiding += occluder_of(0.75, key, 0).hides;
  EXPECT_NEAR(hiding, 750, 60);
  EXPECT_FALSE(occluder_of(0, 17, 0).hides);
}

}  // namespace

}  // namespace retime
