#include "model/step/train_step.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "model/net/unet.hpp"
#include "model/tiny_scene.hpp"
#include "ranks/rank_agreement.hpp"

namespace retime {
namespace {

// Frames of TinyScene, [count, 3, H, W] in [-1, 1].
torch::Tensor frames(int count) {
  std::vector<torch::Tensor> all;
  for (int t = 0; t < count; ++t) {
    auto image = test::TinyScene::base_frame(t);
    all.push_back(torch::from_blob(image.pixels.data(), {image.size.height, image.size.width, 3}, torch::kUInt8)
                      .permute({2, 0, 1})
                      .to(torch::kFloat));
  }
  return torch::stack(all) / 127.5 - 1;
}

/// A U-Net that learns frames from noise, without a scene, a folder or MPI.
struct SmallFit {
  SmallFit() {
    torch::manual_seed(3);
    ModelOptions options;
    options.width = 4;
    net = UNet(options, 2, 3, nullptr);
    input = torch::randn({target.size(0), 2, target.size(2), target.size(3)});
  }

  StepLoss loss(double factor = 1) {
    const auto total = (net->forward(input) - target).abs().mean() * factor;
    return {total, torch::stack({total.detach(), torch::ones({})})};
  }

  torch::Tensor target = frames(2), input;
  UNet net{nullptr};
};

FusedAdam::Group with_rate(FusedAdam::Group group, double rate_scale) {
  group.rate_scale = rate_scale;
  return group;
}

TEST(TrainStep, LearnsInMemory) {
  SmallFit fit;
  TrainStep step(*fit.net, FitRanks(torch::kCPU), {});
  std::vector<float> losses;
  for (int i = 0; i < 30; ++i)
    losses.push_back(step.make([&] { return fit.loss(); }, {i, 1e-2, {0, 1}})[0].item<float>());
  EXPECT_LT(losses.back(), 0.6F * losses.front());
}

TEST(TrainStep, IsForwardBackwardAndAdam) {
  SmallFit fit, plain;
  TrainStep step(*fit.net, {with_rate(FusedAdam::all_of(*fit.net), 0.5)}, FitRanks(torch::kCPU), {});
  FusedAdam adam({FusedAdam::all_of(*plain.net)});
  for (int i = 0; i < 4; ++i) {
    const auto parts = step.make([&] { return fit.loss(); }, {i, 2e-3, {}});
    plain.net->zero_grad();
    const auto loss = plain.loss();
    loss.total.backward();
    adam.step(1e-3);
    EXPECT_TRUE(torch::equal(parts, loss.parts)) << i;
  }
  const auto found = fit.net->parameters(), expected = plain.net->parameters();
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_TRUE(torch::equal(found[i], expected[i])) << i;
}

TEST(TrainStep, LeavesOutWhatIsNotFiniteAndEndsWhenItStays) {
  SmallFit fit;
  TrainStep step(*fit.net, FitRanks(torch::kCPU), {"small step", 1, "do something else"});
  const auto make = [&](int number, double factor) {
    return step.make([&] { return fit.loss(factor); }, {number, 1e-3, {number}});
  };
  EXPECT_EQ(make(0, 1)[1].item<float>(), 1);
  const auto before = fit.net->parameters()[0].clone();
  EXPECT_EQ(make(1, std::numeric_limits<double>::infinity())[1].item<float>(), 0);
  EXPECT_TRUE(torch::equal(fit.net->parameters()[0], before));
  try {
    make(2, std::numeric_limits<double>::quiet_NaN());
    FAIL() << "nothing was thrown";
  } catch (const AgreedError& error) {
    EXPECT_THAT(error.what(), testing::EndsWith("last in small step 2 (frames 1, 2): lower --learning-rate, or look "
                                                "at these frames; do something else"));
  }
}

}  // namespace
}  // namespace retime
