#include "bench/projection.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <tuple>

#include "core/error.hpp"

namespace retime {
namespace {

constexpr const char* kFormula =
    "step(n) = frames of a rank x compute per frame + optimizer + exposed(n)\n"
    "allreduce(bytes, n) = latency x (n - 1) + bytes x 2 (n - 1) / n / bandwidth\n"
    "least exposed: the last bucket, and of the others what takes longer than the backward pass; most exposed: all\n"
    "both: plus two sums of a few bytes a step (counts of the losses, agreement on stopping)\n"
    "efficiency(n): time of one rank without communication, for its share of the frames, over step(n)\n";
constexpr const char* kAssumptions =
    "Assumed: compute per frame stays as measured, all ranks are equally fast, bandwidth and latency per hop stay as\n"
    "measured up to the largest n. Not in it: slower ranks, reading the scene, saves.\n";

double part_of(const ScalingPoint& point, StepPart part) {
  return point.median.step.part_s[static_cast<std::size_t>(part)];
}

std::vector<AllreduceResult> widest_measurement(const std::vector<AllreduceResult>& measured) {
  const auto reach = [](const AllreduceResult& result) { return std::tie(result.nodes, result.ranks); };
  const auto widest = std::max_element(measured.begin(), measured.end(),
                                       [&](const auto& a, const auto& b) { return reach(a) < reach(b); });
  std::vector<AllreduceResult> chosen;
  for (const auto& result : measured)
    if (reach(result) == reach(*widest)) chosen.push_back(result);
  std::sort(chosen.begin(), chosen.end(), [](const auto& a, const auto& b) { return a.bytes < b.bytes; });
  return chosen;
}

NetworkModel measured_network(const std::vector<AllreduceResult>& measured) {
  const auto chosen = widest_measurement(measured);
  const auto &smallest = chosen.front(), &largest = chosen.back();
  const int ranks = largest.ranks;
  // Fewer bytes never take longer: where the smallest size was measured slower than another, something disturbed it.
  const double latency_s = std::min_element(chosen.begin(), chosen.end(), [](const auto& a, const auto& b) {
                             return a.time_s < b.time_s;
                           })->time_s;
  if (largest.time_s <= latency_s || largest.bytes < 16 * smallest.bytes)
    throw Error(fmt::format(
        "the all-reduce measurements span too little to tell latency from bandwidth ({} to {} bytes): measure "
        "again, with a wider sweep and more rounds",
        smallest.bytes, largest.bytes));
  NetworkModel network;
  network.hop_latency_s = latency_s / (ranks - 1);
  network.bus_bandwidth = static_cast<double>(largest.bytes) * 2 * (ranks - 1) / ranks / (largest.time_s - latency_s);
  network.origin = fmt::format("measured between {} ranks on {} {}, {}", ranks, largest.nodes,
                               largest.nodes == 1 ? "node" : "nodes", largest.device);
  return network;
}

std::string range(double low, double high, int decimals) { return fixed(low, decimals) + "-" + fixed(high, decimals); }

TextTable projection_table(const ScalingSeries& series, const ComputeModel& compute, const NetworkModel& network,
                           const std::vector<int>& ranks) {
  TextTable table;
  table.header = {"GPUs", "frames each", "step ms", "steps/s", "frames/s", "efficiency %"};
  for (const int n : ranks) {
    const auto point = project(series.setup, compute, network, n);
    if (!point) {
      table.rows.push_back({std::to_string(n), "fewer frames than ranks", "", "", "", ""});
      continue;
    }
    const double batch = series.setup.mode == ScalingMode::kWeak ? series.setup.batch * n : series.setup.batch;
    table.rows.push_back({std::to_string(n), std::to_string(point->frames_per_rank),
                          range(1000 * point->hidden_step_s, 1000 * point->exposed_step_s, 1),
                          range(1 / point->exposed_step_s, 1 / point->hidden_step_s, 2),
                          range(batch / point->exposed_step_s, batch / point->hidden_step_s, 1),
                          range(100 * point->exposed_efficiency, 100 * point->hidden_efficiency, 1)});
  }
  return table;
}

std::int64_t last_bucket_of(const std::vector<AllreduceResult>& measured) {
  std::int64_t bytes = 0;
  for (const auto& result : measured)
    if (result.kind == "bucket") bytes = result.bytes;
  return bytes;
}

std::string inputs_text(const ComputeModel& compute, const NetworkModel& network) {
  return fmt::format(
      "compute {:.2f} ms a frame ({:.2f} of it backward), optimizer {:.2f} ms: measured with {} {}\n"
      "gradients {:.2f} MB, last bucket {:.2f} MB\n"
      "bandwidth {:.3f} GB/s, latency {:.1f} us a hop: {}\n",
      1000 * compute.frame_s, 1000 * compute.backward_s, 1000 * compute.optimizer_s, compute.measured_ranks,
      compute.measured_ranks == 1 ? "rank" : "ranks", compute.gradient_bytes / 1e6, compute.last_bucket_bytes / 1e6,
      network.bus_bandwidth / 1e9, 1e6 * network.hop_latency_s, network.origin);
}

std::string warning_text(const std::vector<ScalingSeries>& all) {
  const bool gpu =
      std::any_of(all.begin(), all.end(), [](const auto& series) { return series.points.front().median.gpu != 0; });
  return gpu ? ""
             : "No GPU was measured: this carries the CPU measurement over to more ranks like it. It says nothing "
               "about "
               "the speed of GPUs.\n";
}

}  // namespace

double NetworkModel::allreduce_s(double bytes, int ranks) const {
  if (ranks == 1) return 0;
  return hop_latency_s * (ranks - 1) + bytes * 2 * (ranks - 1) / ranks / bus_bandwidth;
}

NetworkModel network_model(const std::vector<AllreduceResult>& measured, const NetworkOverride& given) {
  NetworkModel network;
  const bool complete = given.bus_bandwidth_gb_s > 0 && given.latency_us >= 0;
  if (!complete && measured.empty())
    throw Error(
        "a projection needs the speed of all-reduces (none measured in this folder): run `mpirun -n 2 retime bench "
        "allreduce -o DIR`, or give --bandwidth and --latency");
  if (!complete) network = measured_network(measured);
  if (given.bus_bandwidth_gb_s > 0) network.bus_bandwidth = 1e9 * given.bus_bandwidth_gb_s;
  if (given.latency_us >= 0) network.hop_latency_s = 1e-6 * given.latency_us;
  if (given.bus_bandwidth_gb_s > 0 || given.latency_us >= 0)
    network.origin = complete
                         ? "given, not measured"
                         : (given.bus_bandwidth_gb_s > 0 ? "bandwidth given, latency " : "latency given, bandwidth ") +
                               network.origin;
  return network;
}

ComputeModel compute_model(const ScalingSeries& series, std::int64_t last_bucket_bytes) {
  const auto& point = series.points.front();
  const double frames = static_cast<double>(point.median.global_batch()) / point.ranks;
  ComputeModel compute;
  compute.backward_s = part_of(point, StepPart::kBackward) / frames;
  compute.frame_s =
      (part_of(point, StepPart::kData) + part_of(point, StepPart::kForward)) / frames + compute.backward_s;
  compute.optimizer_s = part_of(point, StepPart::kOptimizer);
  compute.gradient_bytes = static_cast<double>(point.median.step.gradient_bytes);
  compute.last_bucket_bytes = std::min(static_cast<double>(last_bucket_bytes), compute.gradient_bytes);
  if (last_bucket_bytes == 0) compute.last_bucket_bytes = compute.gradient_bytes;
  compute.measured_ranks = point.ranks;
  return compute;
}

std::optional<ProjectedPoint> project(const ScalingSetup& setup, const ComputeModel& compute,
                                      const NetworkModel& network, int ranks) {
  const bool weak = setup.mode == ScalingMode::kWeak;
  if (!weak && ranks > setup.batch) return std::nullopt;
  ProjectedPoint point;
  point.ranks = ranks;
  point.frames_per_rank = weak ? setup.batch : (setup.batch + ranks - 1) / ranks;
  const double own = point.frames_per_rank * compute.frame_s + compute.optimizer_s;
  const double whole = network.allreduce_s(compute.gradient_bytes, ranks),
               last = network.allreduce_s(compute.last_bucket_bytes, ranks),
               small = kSmallSums * network.allreduce_s(0, ranks);
  const double others_exposed = std::max(0.0, whole - last - point.frames_per_rank * compute.backward_s);
  point.hidden_step_s = own + small + std::min(whole, last + others_exposed);
  point.exposed_step_s = own + small + whole;
  const double alone = weak ? own : (setup.batch * compute.frame_s + compute.optimizer_s) / ranks;
  point.hidden_efficiency = alone / point.hidden_step_s;
  point.exposed_efficiency = alone / point.exposed_step_s;
  return point;
}

std::string projection_text(const std::vector<ScalingSeries>& all, const std::vector<AllreduceResult>& allreduce,
                            const NetworkOverride& given, const std::vector<int>& ranks, bool markdown) {
  const auto network = network_model(allreduce, given);
  const std::string fence = markdown ? "```\n" : "";
  std::string text = fmt::format("{}PROJECTION, not a measurement\n\n{}\n", markdown ? "# " : "", warning_text(all));
  text += fence + kFormula + "\n" + kAssumptions + fence;
  for (const auto& series : all) {
    const auto compute = compute_model(series, last_bucket_of(allreduce));
    const auto table = projection_table(series, compute, network, ranks);
    text += fmt::format("\n{}Projected: {}\n{}", markdown ? "## " : "", series_title(series), markdown ? "\n" : "") +
            setup_text(series.setup) + "\n\n" + fence + inputs_text(compute, network) + fence + "\n" +
            (markdown ? table.markdown() : table.plain());
  }
  return text;
}

}  // namespace retime
