#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/allreduce_bench.hpp"
#include "bench/scaling_report.hpp"

namespace retime {

/// How long a sum over ranks takes: latency(n) + bytes * 2 (n - 1) / n / bandwidth, with a latency that grows with the
/// steps of a ring, n - 1.
struct NetworkModel {
  double bus_bandwidth = 0;  ///< bytes per second
  double hop_latency_s = 0;  ///< latency of an all-reduce over n ranks, divided by n - 1
  std::string origin;        ///< where the numbers come from, for the report

  double allreduce_s(double bytes, int ranks) const;
};

/// Numbers that take the place of measured ones; 0: take the measured one.
struct NetworkOverride {
  double bus_bandwidth_gb_s = 0;
  double latency_us = -1;  ///< of an all-reduce between two ranks; negative: take the measured one
};

/// From the measurement over the most nodes and, of these, the most ranks: the latency is its shortest time, the
/// bandwidth comes from its largest size, less that latency. Throws Error when neither measurements nor overrides tell.
NetworkModel network_model(const std::vector<AllreduceResult>& measured, const NetworkOverride& given);

/// What a step takes on each of several ranks, as far as it was measured.
struct ComputeModel {
  double frame_s = 0;      ///< data, forward and backward, per frame
  double backward_s = 0;   ///< of `frame_s`: what communication can hide behind
  double optimizer_s = 0;  ///< whatever the number of frames
  double gradient_bytes = 0, last_bucket_bytes = 0;
  int measured_ranks = 1;
};

/// From the point with the fewest ranks.
ComputeModel compute_model(const ScalingSeries& series, std::int64_t last_bucket_bytes);

/// A projected step: between all communication hidden that can be and none hidden.
struct ProjectedPoint {
  int ranks = 1;
  int frames_per_rank = 1;  ///< of the rank that has most
  double hidden_step_s = 0, exposed_step_s = 0;
  double hidden_efficiency = 0, exposed_efficiency = 0;  ///< relative to a single rank without communication
};

/// Number of sums in a step that ranks wait for besides those of gradients: the losses' counts and the agreement on
/// stopping.
inline constexpr int kSmallSums = 2;

/// nullopt when strong scaling has fewer frames than ranks.
std::optional<ProjectedPoint> project(const ScalingSetup& setup, const ComputeModel& compute,
                                      const NetworkModel& network, int ranks);

/// The projection of all series to numbers of ranks, one rank per GPU, with its formula and its sources, marked as a
/// projection. `markdown` chooses the form of the tables.
std::string projection_text(const std::vector<ScalingSeries>& all, const std::vector<AllreduceResult>& allreduce,
                            const NetworkOverride& given, const std::vector<int>& ranks, bool markdown);

}  // namespace retime
