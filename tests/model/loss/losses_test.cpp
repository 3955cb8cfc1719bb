#include "model/loss/losses.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"

namespace retime {
namespace {

double value(const LossTerm& term) { return (term.sum / term.count).item<double>(); }

double sparsity_of(double alpha, double l1) { return l1 * alpha + 2 / (1 + std::exp(-5 * alpha)) - 1; }

// Alphas and trimaps of two slots of 2x2 pixels, and a third that does not count.
const auto kAlpha = [] {
  return torch::tensor({0.4F, 0.3F, 0.2F, 0.6F, 0.1F, 0.1F, 0.1F, 0.1F, 9.F, 9.F, 9.F, 9.F}).view({3, 2, 2});
};
const auto kTrimap = [] {
  return torch::tensor({1.F, 0.5F, 0.F, 0.F, 0.F, 0.F, 0.F, 0.F, 1.F, 0.5F, 0.F, 0.F}).view({3, 2, 2});
};
const auto kWeight = [] { return torch::tensor({1.F, 1.F, 0.F}); };

TEST(Reconstruction, IsTheMeanErrorOfTheFramesThatCount) {
  const auto composite = torch::full({2, 3, 2, 2}, 0.5F), frames = torch::zeros({2, 3, 2, 2});
  frames[1].fill_(1000);
  EXPECT_NEAR(value(reconstruction_term(composite, frames, torch::tensor({1.F, 0.F}))), 0.5, 1e-6);
  EXPECT_NEAR(value(reconstruction_term(composite, frames, torch::tensor({1.F, 1.F}))), 0.25 + 999.5 / 2, 1e-3);
}

TEST(MaskLoss, TextAveragesThreeMeansOverSlots) {
  // Slot 0: 5 * 0.6 + 0.2 * 0.3 + (0.2 + 0.6) / 2; slot 1: 0.1.
  EXPECT_NEAR(value(mask_term_patent(kAlpha(), kTrimap(), kWeight())), (3 + 0.06 + 0.4 + 0.1) / 2, 1e-6);
}

TEST(MaskLoss, ReleasedCodeHalvesPositiveAndNegative) {
  const auto [positive, negative] = mask_terms_released(kAlpha(), kTrimap(), kWeight());
  EXPECT_NEAR(positive.sum.item<double>(), 1.2, 1e-6) << "alphas and masks are compared in [-1, 1]";
  EXPECT_EQ(positive.count.item<double>(), 1);
  EXPECT_NEAR(negative.sum.item<double>(), 0.4 + 1.2 + 4 * 0.2, 1e-6);
  EXPECT_EQ(negative.count.item<double>(), 6);
}

TEST(Matting, ComparesAlphaAndPremultipliedColour) {
  auto layers = torch::zeros({2, 4, 1, 2});  // colour 0 is 0.5 in [0, 1]
  layers.select(1, 3).fill_(0.5);
  auto mattes = torch::zeros({2, 4, 1, 2});
  mattes[0].select(0, 3).fill_(0.75);
  mattes[0][0].fill_(0.55);  // red; the layer has 0.25 in every channel
  EXPECT_NEAR(value(matting_term(layers, mattes, torch::tensor({1.F, 0.F}))), 0.25 + (0.3 + 0.25 + 0.25) / 3, 1e-6);
}

TEST(Sparsity, IsL1PlusSaturatingPart) {
  const auto alpha = torch::tensor({0.F, 0.2F, 1.F});
  for (const double l1 : {0.0, 2.0}) {
    const auto values = sparsity(alpha, l1);
    for (int i = 0; i < 3; ++i) EXPECT_NEAR(values[i].item<double>(), sparsity_of(alpha[i].item<double>(), l1), 1e-6);
  }
}

// Two frames (the second does not count) and two objects: object 0 in both frames, object 1, which is behind, in frame
// 0.
class WholeLossTest : public testing::Test {
 protected:
  WholeLossTest() {
    batch_.object_count = 2;
    batch_.frames = torch::zeros({2, 3, 1, 2});
    batch_.frame_weight = torch::tensor({1.F, 0.F});
    batch_.slot_frame = torch::tensor({0L, 0L, 1L});
    batch_.slot_object = torch::tensor({0L, 1L, 0L});
    batch_.slot_place = torch::tensor({1L, 0L, 3L});
    batch_.slot_weight = torch::tensor({1.F, 1.F, 0.F});
    batch_.trimap = torch::zeros({3, 1, 1, 2});
    batch_.trimap[0].fill_(1);
    output_.background = torch::full({2, 3, 1, 2}, 0.5F);
    output_.slots = torch::zeros({3, 4, 1, 2});
    output_.slots[0].fill_(-0.5);
    output_.slots[0][3].fill_(0.6);
    output_.slots[1].fill_(0.1);
    output_.slots[1][3].fill_(0.25);
    output_.slots[2].fill_(77);
    options_.sparsity_weight = 0.5;
  }
  LossReport evaluate(const LossWeights& weights) {
    return evaluate_losses(output_, batch_, options_, weights, Collectives());
  }
  double part(const LossReport& report, int i) { return report.parts[i].item<double>(); }

  Batch batch_;
  LayerOutput output_;
  LossOptions options_;
};

TEST_F(WholeLossTest, AddsWeightedTerms) {
  options_.mask_loss = MaskLoss::kPatent;
  const auto report = evaluate({.mask = 10, .matting = 0, .sparsity = 0.5, .sparsity_l1 = 2});
  const double behind = 0.25 * 0.1 + 0.75 * 0.5, composite = 0.6 * -0.5 + 0.4 * behind;
  EXPECT_NEAR(part(report, 0), std::abs(composite), 1e-6);
  EXPECT_NEAR(part(report, 1), (5 * 0.4 + 0.25) / 2, 1e-6);
  EXPECT_EQ(part(report, 2), 0);
  EXPECT_NEAR(part(report, 3), (sparsity_of(0.6, 2) + sparsity_of(0.25, 2)) / 2, 1e-6);
  EXPECT_NEAR(report.total.item<double>(), part(report, 0) + 10 * part(report, 1) + 0.5 * part(report, 3), 1e-5);
}

TEST_F(WholeLossTest, SparsityJoinsAlphasAsAskedFor) {
  options_.sparsity = SparsityKind::kComposite;
  EXPECT_NEAR(part(evaluate({.sparsity_l1 = 2}), 3), sparsity_of(1 - 0.4 * 0.75, 2), 1e-6);
  options_.sparsity = SparsityKind::kCompositeSquared;
  EXPECT_NEAR(part(evaluate({.sparsity_l1 = 0}), 3), sparsity_of(0.36 + 0.4 * 0.0625, 0), 1e-6);
}

TEST_F(WholeLossTest, AbsentLayersAreSparse) {
  batch_.slot_place[1] = 4;  // where the stand-in of a frame without objects goes
  EXPECT_NEAR(part(evaluate({.sparsity_l1 = 2}), 3), sparsity_of(0.6, 2) / 2, 1e-6);
}

TEST_F(WholeLossTest, ReleasedMaskLossSeesTheBackgroundToo) {
  options_.mask_loss = MaskLoss::kReleased;
  const double positive = 2 * 0.8 / (1 + 2), negative = 2 * 0.5 / (1 + 2);
  EXPECT_NEAR(part(evaluate({.mask = 1}), 1), (positive + negative) / 2, 1e-6);
  output_.background_alpha = torch::full({2, 1, 2}, 0.9F);
  const double with_background = (2 * 0.5 + 2 * 1.8) / (1 + 4);
  EXPECT_NEAR(part(evaluate({.mask = 1}), 1), (positive + with_background) / 2, 1e-6);
}

TEST_F(WholeLossTest, MattingCountsOnlyWhileItsWeightLasts) {
  batch_.matte = torch::zeros({3, 4, 1, 2});
  batch_.visibility = torch::ones({3, 1, 1, 2});
  output_.painted = output_.slots;
  const double red_slot = 0.6 + 0.25 * 0.6, other_slot = 0.25 + 0.55 * 0.25;
  EXPECT_NEAR(part(evaluate({.matting = 2}), 2), (red_slot + other_slot) / 2, 1e-6);
  EXPECT_EQ(part(evaluate({.matting = 0}), 2), 0);
}

TEST_F(WholeLossTest, WhatIsNotVisibleDoesNotPullAndWhatWasHiddenPullsHarder) {
  batch_.matte = torch::zeros({3, 4, 1, 2});
  batch_.visibility = torch::ones({3, 1, 1, 2});
  output_.painted = output_.slots;
  const double all = part(evaluate({.matting = 1}), 2);
  output_.completion.known = torch::zeros({3, 1, 1, 2});
  output_.completion.trusted = torch::ones({3, 1, 1, 2});
  output_.completion.matte = batch_.matte;
  EXPECT_NEAR(part(evaluate({.matting = 1}), 2), 4 * all, 1e-5);
  output_.completion.trusted.zero_();
  EXPECT_EQ(part(evaluate({.matting = 1}), 2), 0);
}

TEST(ClaimTerm, IsTheCrossEntropyOfTheWeightedPixels) {
  const auto logits = torch::tensor({2.F, -1.F, 5.F}).view({1, 1, 1, 3});
  const auto claim = torch::tensor({1.F, 0.25F, 0.F}).view({1, 1, 1, 3});
  const auto weight = torch::tensor({1.F, 3.F, 0.F}).view({1, 1, 1, 3});
  const auto log_sigmoid = [](double x) { return -std::log1p(std::exp(-x)); };
  const auto term = claim_term(logits, claim, weight);
  EXPECT_NEAR(term.sum.item<double>(), -log_sigmoid(2) - 3 * (0.25 * log_sigmoid(-1) + 0.75 * log_sigmoid(1)), 1e-5);
  EXPECT_NEAR(term.count.item<double>(), 4, 1e-6);
}

TEST_F(WholeLossTest, BatchWithoutFramesHasNoLossAndNoGradient) {
  batch_.frame_weight.zero_();
  batch_.slot_weight.zero_();
  options_.mask_loss = MaskLoss::kPatent;
  auto slots = output_.slots.clone().requires_grad_();
  output_.slots = slots;
  const auto report = evaluate({.mask = 1, .sparsity = 1, .sparsity_l1 = 1});
  EXPECT_EQ(report.total.item<double>(), 0);
  report.total.backward();
  EXPECT_EQ(slots.grad().abs().max().item<double>(), 0);
}

TEST(Schedule, OfTheTextStepsDownAfterItsEpochs) {
  LossOptions options;
  options.mask_loss = MaskLoss::kPatent;
  options.sparsity_weight = 0.005;
  const LossSchedule schedule(options);
  // Published: 50 up to epoch 50, 5 up to 100, counted from 1; ours count from 0.
  EXPECT_EQ(schedule.weights(0).mask, 50);
  EXPECT_EQ(schedule.weights(49).mask, 50);
  EXPECT_EQ(schedule.weights(50).mask, 5);
  EXPECT_EQ(schedule.weights(99).mask, 5);
  EXPECT_EQ(schedule.weights(100).mask, 0);
  EXPECT_EQ(schedule.weights(199).sparsity_l1, 2);
  EXPECT_EQ(schedule.weights(200).sparsity_l1, 0);
  EXPECT_EQ(schedule.weights(5000).sparsity, 0.005);
}

TEST(Schedule, OfTheReleasedCodeWaitsForTheThreshold) {
  LossOptions options;
  options.mask_loss = MaskLoss::kReleased;
  options.mask_schedule = MaskSchedule::kThreshold;
  LossSchedule schedule(options);
  for (int epoch = 0; epoch < 7; ++epoch) schedule.observe(epoch, 0.0201);
  EXPECT_EQ(schedule.weights(1000).mask, 50) << "the error never fell below the threshold";
  schedule.observe(7, 0.0199);
  EXPECT_EQ(schedule.threshold_epoch(), 8);
  EXPECT_EQ(schedule.weights(8).mask, 5);
  EXPECT_EQ(schedule.weights(15).mask, 5);
  EXPECT_EQ(schedule.weights(16).mask, 0);
  schedule.observe(9, 0.001);
  EXPECT_EQ(schedule.threshold_epoch(), 8) << "the first time counts";
  LossSchedule resumed(options);
  resumed.set_threshold_epoch(schedule.threshold_epoch());
  for (const int epoch : {8, 15, 16}) EXPECT_EQ(resumed.weights(epoch).mask, schedule.weights(epoch).mask);
}

TEST(Schedule, MattingFallsLinearlyToZero) {
  LossOptions options;
  options.matting_weight = 5;
  options.matting_epochs = 40;
  const LossSchedule schedule(options);
  EXPECT_EQ(schedule.weights(0).matting, 5);
  EXPECT_NEAR(schedule.weights(10).matting, 3.75, 1e-12);
  EXPECT_NEAR(schedule.weights(39).matting, 0.125, 1e-12);
  EXPECT_EQ(schedule.weights(40).matting, 0);
  EXPECT_EQ(schedule.weights(400).matting, 0);
  EXPECT_EQ(schedule.weights(0).mask, 0) << "no mask loss was asked for";
}

TEST(LossOptionsTest, ListsOfAnotherLengthAreRefused) {
  LossOptions options;
  EXPECT_NO_THROW(options.validate());
  options.mask_weights = {50, 5};
  EXPECT_THROW(options.validate(), UsageError);
  options = {};
  options.mask_epochs = {50};
  EXPECT_THROW(options.validate(), UsageError);
  options.mask_epochs = {100, 50};
  EXPECT_THROW(options.validate(), UsageError);
  options = {};
  options.claim_weight = -1;
  EXPECT_THROW(options.validate(), UsageError);
}

}  // namespace
}  // namespace retime
