#include "model/net/textures.hpp"

#include <gtest/gtest.h>

#include "model/layers/layered_model.hpp"

namespace retime {
namespace {

constexpr int kObjects = 2, kParts = 5, kChannels = 3, kTexels = 4;  // an atlas of 3 x 2 tiles

// [1, 3, 1, 1]
torch::Tensor iuv_at(double part, double u, double v) {
  return torch::tensor({part, u, v}).view({1, 3, 1, 1}).to(torch::kFloat);
}

torch::Tensor object_index(std::int64_t object) { return torch::tensor({object}, torch::kLong); }

class TexturesTest : public testing::Test {
 protected:
  // Rows and columns of a part's tile in the atlas.
  static torch::Tensor tile(torch::Tensor atlas, int object, int part) {
    const int row = (part - 1) / 3 * kTexels, column = (part - 1) % 3 * kTexels;
    return atlas[object].slice(1, row, row + kTexels).slice(2, column, column + kTexels);
  }
  torch::Tensor atlas() { return textures_->named_parameters()["atlas"]; }
  float sample(int object, double part, double u, double v) {
    return textures_->sample(object_index(object), iuv_at(part, u, v))[0][0][0][0].item<float>();
  }

  ObjectTextures textures_{kObjects, kParts, kChannels, kTexels};
};

TEST_F(TexturesTest, TilesDoNotBleedIntoEachOther) {
  const torch::NoGradGuard guard;
  for (int object = 0; object < kObjects; ++object)
    for (int part = 1; part <= kParts; ++part) tile(atlas(), object, part).fill_(100 * object + part);
  for (int object = 0; object < kObjects; ++object)
    for (int part = 1; part <= kParts; ++part)
      for (const double u : {0.0, 0.3, 1.0})
        for (const double v : {0.0, 0.7, 1.0})
          EXPECT_NEAR(sample(object, part, u, v), 100 * object + part, 2e-3) << u << " " << v;
}

TEST_F(TexturesTest, CoordinatesRunFromTheFirstTexelToTheLast) {
  const torch::NoGradGuard guard;
  for (int y = 0; y < kTexels; ++y)
    for (int x = 0; x < kTexels; ++x) tile(atlas(), 1, 4).select(1, y).select(1, x).fill_(10 * y + x);
  EXPECT_NEAR(sample(1, 4, 0, 0), 0, 1e-3);
  EXPECT_NEAR(sample(1, 4, 1, 0), 3, 1e-3) << "U runs to the right";
  EXPECT_NEAR(sample(1, 4, 0, 1), 30, 1e-3) << "V runs down";
  EXPECT_NEAR(sample(1, 4, 0.5, 0.25), 1.5 + 7.5, 1e-3) << "between texels: linear";
  EXPECT_NEAR(sample(1, 4, 1.7, -2), 3, 1e-3) << "outside: the border";
}

TEST_F(TexturesTest, NothingIsThereOutsideTheObject) {
  auto iuv = torch::rand({2, 3, 4, 5});
  iuv.select(1, 0).zero_();
  iuv[0][0][1][2] = 3;
  const auto values = textures_->sample(torch::tensor({0L, 1L}), iuv);
  EXPECT_EQ(values.sizes(), (std::vector<std::int64_t>{2, kChannels, 4, 5}));
  EXPECT_EQ(values.count_nonzero().item<std::int64_t>(), kChannels);
  EXPECT_NE(values[0][0][1][2].item<float>(), 0);
}

TEST_F(TexturesTest, GradientStaysInTheTile) {
  for (const double corner : {0.0, 1.0}) {
    auto texture = atlas();
    texture.mutable_grad().reset();
    textures_->sample(object_index(1), iuv_at(5, corner, corner)).sum().backward();
    const auto gradient = texture.grad();
    EXPECT_NEAR(tile(gradient, 1, 5).sum().item<float>(), kChannels, 1e-4);
    EXPECT_NEAR(gradient.abs().sum().item<float>(), kChannels, 1e-4) << "some of it went elsewhere";
  }
}

TEST(BackgroundTextureTest, CoversThePlaneFromCornerToCorner) {
  BackgroundTexture texture(2, 8);
  const auto texels = texture->named_parameters()["texture"].detach();
  const auto grid = torch::tensor({-1.F, -1.F, 1.F, 1.F, 1.F, -1.F, 3.F, 3.F}).view({1, 1, 4, 2});
  const auto values = texture->sample(grid);
  EXPECT_TRUE(torch::allclose(values[0].select(2, 0).select(1, 0), texels[0].select(2, 0).select(1, 0)));
  EXPECT_TRUE(torch::allclose(values[0].select(2, 1).select(1, 0), texels[0].select(2, 7).select(1, 7)));
  EXPECT_TRUE(torch::allclose(values[0].select(2, 2).select(1, 0), texels[0].select(2, 7).select(1, 0)));
  EXPECT_TRUE(torch::allclose(values[0].select(2, 3).select(1, 0), texels[0].select(2, 7).select(1, 7)));
}

TEST(ActivateLayers, MapsToColourAndAlpha) {
  const auto logits = torch::randn({2, 4, 3, 3});
  const auto layers = activate_layers(logits, {});
  EXPECT_TRUE(torch::allclose(layers.slice(1, 0, 3), logits.slice(1, 0, 3).tanh()));
  EXPECT_TRUE(torch::allclose(layers.select(1, 3), (logits.select(1, 3).tanh() + 1) / 2));
}

TEST(ActivateLayers, ZeroGivesTheMatteBack) {
  torch::manual_seed(3);
  const auto alpha = torch::cat({torch::rand({2, 1, 8, 8}), torch::zeros({2, 1, 8, 2}), torch::ones({2, 1, 8, 2})}, 3);
  const auto color = torch::rand({2, 3, 8, 12});
  const auto matte = torch::cat({color * alpha, alpha}, 1);
  const auto layers = activate_layers(torch::zeros({2, 4, 8, 12}), matte);
  const auto premultiplied = (layers.slice(1, 0, 3) + 1) / 2 * layers.slice(1, 3, 4);
  EXPECT_LE((layers.slice(1, 3, 4) - alpha).abs().max().item<float>(), 0.0021);
  EXPECT_LE((premultiplied - color * alpha).abs().mean().item<float>(), 0.004);
  EXPECT_LE((premultiplied - color * alpha).abs().max().item<float>(), 0.03);
}

TEST(ActivateLayers, GradientReachesMattesThatAreClosed) {
  auto logits = torch::zeros({1, 4, 1, 2}).requires_grad_();
  const auto matte = torch::zeros({1, 4, 1, 2});
  matte.select(3, 1).fill_(1);  // one pixel empty, one full
  activate_layers(logits, matte).select(1, 3).sum().backward();
  const auto gradient = logits.grad().select(1, 3);
  EXPECT_GT(gradient.min().item<float>(), 1e-3) << "a closed matte could never open again";
}

TEST_F(TexturesTest, ObservedColoursComeBackWhereTheyWereSeen) {
  auto sums = textures_->empty_sums();
  // Part 2 of object 1 is seen in two texels, with the same colour twice in the first.
  const auto iuv = torch::tensor({2.0, 2.0, 2.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0}).view({1, 3, 1, 3}).to(torch::kFloat);
  const auto colors = torch::tensor({0.2, 0.4, -0.5}).view({1, 1, 1, 3}).expand({1, 3, 1, 3}).to(torch::kFloat);
  textures_->splat(sums, object_index(1), iuv, colors, torch::ones({1, 1, 1, 3}));
  textures_->set_colors(sums);
  EXPECT_NEAR(sample(1, 2, 0, 0), 0.3, 0.01);
  EXPECT_NEAR(sample(1, 2, 1, 1), -0.5, 0.01);
  const float between = sample(1, 2, 0.5, 0.5);
  EXPECT_GT(between, -0.5);
  EXPECT_LT(between, 0.3) << "texels that were not seen lie between their neighbours";
  EXPECT_NEAR(sample(1, 5, 0.5, 0.5), (0.2 + 0.4 - 0.5) / 3, 0.02) << "a part that was not seen: the object's colour";
}

TEST_F(TexturesTest, TexelsThatWereNotSeenTakeTheColourNextToThem) {
  auto sums = textures_->empty_sums();
  // A part that was seldom seen, and another that was seen so often that it makes the object's mean.
  const auto iuv = torch::tensor({2.0, 3.0, 0.0, 0.5, 0.0, 0.5}).view({1, 3, 1, 2}).to(torch::kFloat);
  const auto colors = torch::tensor({0.8, -0.8}).view({1, 1, 1, 2}).expand({1, 3, 1, 2}).to(torch::kFloat);
  const auto weight = torch::tensor({1.0, 1000.0}).view({1, 1, 1, 2}).to(torch::kFloat);
  textures_->splat(sums, object_index(1), iuv, colors, weight);
  textures_->set_colors(sums);
  for (const double u : {0.0, 0.3, 1.0}) EXPECT_NEAR(sample(1, 2, u, 1.0), 0.8, 0.01) << u;
  EXPECT_NEAR(sample(1, 3, 1.0, 1.0), -0.8, 0.01);
}

TEST(LitPlate, AppliesGainAndSpreadsTheOffset) {
  Batch batch;
  batch.gain = torch::tensor({1.F, 0.5F, 2.F, 1.F, 1.F, 1.F}).view({2, 3, 1, 1});
  batch.offset = torch::tensor({0.F, 0.25F, -0.5F, 0.F, 0.F, 0.1F}).view({2, 3, 1, 1});
  const auto plate = torch::rand({1, 3, 4, 6});
  const auto lit = lit_plate(plate, batch);
  EXPECT_EQ(lit.sizes(), (std::vector<std::int64_t>{2, 3, 4, 6}));
  EXPECT_TRUE(torch::allclose(lit[0][1], plate[0][1] * 0.5 + 0.25));
  EXPECT_TRUE(torch::allclose(lit[0][2], plate[0][2] * 2 - 0.5));
  EXPECT_TRUE(torch::allclose(lit[1][2], plate[0][2] + 0.1));
}

}  // namespace
}  // namespace retime
