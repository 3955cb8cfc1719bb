#include "model/layers/simulated_occlusion.hpp"

#include <gtest/gtest.h>

#include "model/scene/sampler.hpp"

namespace retime {
namespace {

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
