#include "bench/projection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/sample_runs.hpp"
#include "core/error.hpp"

namespace retime::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// As a network of 1 GB/s and 10 us a hop would measure.
std::vector<AllreduceResult> measured(int ranks, int nodes) {
  std::vector<AllreduceResult> results;
  for (const std::int64_t bytes : {4LL, 1'000'000LL, 100'000'000LL}) {
    AllreduceResult result;
    result.ranks = ranks;
    result.nodes = nodes;
    result.bytes = bytes;
    result.time_s = 1e-5 * (ranks - 1) + (bytes > 4 ? bytes * 2.0 * (ranks - 1) / ranks / 1e9 : 0);
    results.push_back(result);
  }
  results[1].kind = "bucket";
  return results;
}

TEST(NetworkModel, FindsLatencyAndBandwidth) {
  const auto network = network_model(measured(4, 1), {});
  EXPECT_NEAR(network.hop_latency_s, 1e-5, 1e-12);
  EXPECT_NEAR(network.bus_bandwidth, 1e9, 1);
  EXPECT_NEAR(network.allreduce_s(8e6, 8), 7e-5 + 8e6 * 2 * 7 / 8 / 1e9, 1e-9);
  EXPECT_EQ(network.allreduce_s(8e6, 1), 0);
}

TEST(NetworkModel, ADisturbedSmallestSizeIsNotTheLatency) {
  auto results = measured(2, 1);
  results[0].time_s = 1;
  results[1].bytes = 1024;
  results[1].time_s = 1.2e-5;
  const auto network = network_model(results, {});
  EXPECT_NEAR(network.hop_latency_s, 1.2e-5, 1e-12);
  EXPECT_NEAR(network.bus_bandwidth, 1e9, 1e5);
  results[2].time_s = 1e-6;
  EXPECT_THROW(network_model(results, {}), Error) << "the largest size was the fastest";
}

TEST(NetworkModel, TakesTheMeasurementOverMostNodes) {
  auto results = measured(8, 1);
  for (const auto& result : measured(2, 2)) {
    results.push_back(result);
    results.back().time_s *= 10;
  }
  EXPECT_NEAR(network_model(results, {}).bus_bandwidth, 1e8, 1);
}

TEST(NetworkModel, GivenNumbersWinAndAreNamed) {
  const auto network = network_model({}, {.bus_bandwidth_gb_s = 50, .latency_us = 3});
  EXPECT_DOUBLE_EQ(network.bus_bandwidth, 5e10);
  EXPECT_DOUBLE_EQ(network.hop_latency_s, 3e-6);
  EXPECT_EQ(network.origin, "given, not measured");
  EXPECT_THAT(network_model(measured(2, 1), {.bus_bandwidth_gb_s = 50}).origin,
              HasSubstr("bandwidth given, latency measured"));
  EXPECT_THROW(network_model({}, {.bus_bandwidth_gb_s = 50}), Error) << "no latency";
  EXPECT_THROW(network_model({measured(2, 1)[0]}, {}), Error) << "one size tells no bandwidth";
}

TEST(ComputeModel, IsThatOfTheFewestRanksPerFrame) {
  const auto series = make_series({sample_run(ScalingMode::kStrong, 2, 0.5), sample_run(ScalingMode::kStrong, 4, 0.4)});
  const auto compute = compute_model(series[0], 1'000'000);
  EXPECT_NEAR(compute.frame_s, 0.7 * 0.5 / 4, 1e-12) << "four of eight frames on each of two ranks";
  EXPECT_NEAR(compute.backward_s, 0.4 * 0.5 / 4, 1e-12);
  EXPECT_NEAR(compute.optimizer_s, 0.05, 1e-12);
  EXPECT_DOUBLE_EQ(compute.gradient_bytes, 8e6);
  EXPECT_DOUBLE_EQ(compute.last_bucket_bytes, 1e6);
  EXPECT_EQ(compute.measured_ranks, 2);
}

class Projection : public ::testing::Test {
 protected:
  const NetworkModel network_{.bus_bandwidth = 1e9, .hop_latency_s = 1e-5, .origin = ""};
  const ComputeModel compute_{
      .frame_s = 0.1, .backward_s = 0.05, .optimizer_s = 0.01, .gradient_bytes = 8e6, .last_bucket_bytes = 1e6};
};

TEST_F(Projection, WeakStepIsComputePlusCommunication) {
  ScalingSetup setup;
  setup.mode = ScalingMode::kWeak;
  setup.batch = 2;
  const auto point = project(setup, compute_, network_, 8).value();
  const double small = 2 * 7e-5, whole = 7e-5 + 0.014, last = 7e-5 + 0.00175;
  EXPECT_NEAR(point.exposed_step_s, 0.21 + small + whole, 1e-12);
  EXPECT_NEAR(point.hidden_step_s, 0.21 + small + last, 1e-12) << "the backward pass hides the other buckets";
  EXPECT_NEAR(point.exposed_efficiency, 0.21 / point.exposed_step_s, 1e-12);
  EXPECT_EQ(point.frames_per_rank, 2);
}

TEST_F(Projection, WhatTheBackwardPassCannotHideIsExposed) {
  auto slow = network_;
  slow.bus_bandwidth = 1e7;
  ScalingSetup setup;
  setup.mode = ScalingMode::kWeak;
  setup.batch = 1;
  const auto point = project(setup, compute_, slow, 2).value();
  const double whole = 1e-5 + 0.8;
  EXPECT_NEAR(point.exposed_step_s, 0.11 + 2e-5 + whole, 1e-12);
  EXPECT_NEAR(point.hidden_step_s, 0.11 + 2e-5 + whole - 0.05, 1e-12);
}

TEST_F(Projection, StrongScalingEndsAtOneFrameARank) {
  ScalingSetup setup;
  setup.batch = 6;
  const auto point = project(setup, compute_, network_, 4).value();
  EXPECT_EQ(point.frames_per_rank, 2) << "of six frames for four ranks";
  EXPECT_NEAR(point.exposed_efficiency, 0.61 / 4 / point.exposed_step_s, 1e-12);
  EXPECT_FALSE(project(setup, compute_, network_, 8).has_value());
  const auto alone = project(setup, compute_, network_, 1).value();
  EXPECT_NEAR(alone.exposed_efficiency, 1, 1e-12);
}

TEST(ProjectionText, SaysThatItIsOne) {
  auto run = sample_run(ScalingMode::kWeak, 1, 0.5);
  const auto text = projection_text(make_series({run}), measured(2, 1), {}, {4, 64}, false);
  EXPECT_THAT(text, HasSubstr("PROJECTION, not a measurement"));
  EXPECT_THAT(text, HasSubstr("No GPU was measured"));
  EXPECT_THAT(text, HasSubstr("\n64 "));
  run.gpu = 1;
  EXPECT_THAT(projection_text(make_series({run}), measured(2, 1), {}, {4}, true), Not(HasSubstr("No GPU")));
}

}  // namespace
}  // namespace retime::test
