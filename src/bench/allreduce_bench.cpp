#include "bench/allreduce_bench.hpp"

#include <ATen/ATen.h>
#include <c10/cuda/CUDAFunctions.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstdio>
#include <vector>

#include "bench/table.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "dist/device.hpp"
#include "ranks/rank_agreement.hpp"

namespace retime {
namespace {

/// All-reduces of the given sizes, printed as they are measured.
class Measurement {
 public:
  Measurement(const AllreduceOptions& options, const Communicator& communicator)
      : options_(options),
        communicator_(communicator),
        device_(choose_device(options.bench.config.train.device, communicator)),
        machine_(describe_machine(options.bench.config.train.device, options.bench.threads, communicator)),
        group_(make_process_group(communicator, device_, {.name = "allreduce"})) {}

  void print_header(const ScalingRun& model) const {
    if (!communicator_.is_root()) return;
    std::printf("# %d ranks on %d node(s), %s, backend %s%s\n", communicator_.size(), machine_.nodes,
                machine_.device.c_str(), group_->getBackend(device_.type())->getBackendName().c_str(),
                machine_.oversubscribed ? "; OVERSUBSCRIBED: not a measure of this machine" : "");
    std::printf("# the gradients of the model of width %d (%.2f MB) travel in %zu bucket(s), in this order:\n#\n%s",
                model.setup.width, static_cast<double>(model.step.gradient_bytes) / 1e6, model.step.bucket_bytes.size(),
                allreduce_header().c_str());
  }

  void add(const std::string& kind, std::int64_t bytes) {
    auto result = measure_allreduce(group_, communicator_, device_, bytes, options_.timing);
    result.kind = kind;
    result.nodes = machine_.nodes;
    result.device = machine_.device;
    results_.push_back(result);
    if (!communicator_.is_root()) return;
    std::printf("%s", allreduce_line(result).c_str());
    std::fflush(stdout);
  }

  const std::vector<AllreduceResult>& results() const { return results_; }

 private:
  const AllreduceOptions& options_;
  Communicator communicator_;
  c10::Device device_;
  BenchMachine machine_;
  ProcessGroupPtr group_;
  std::vector<AllreduceResult> results_;
};

/// Two steps of a real fit, a frame on each rank: after the first, buckets follow the order in which gradients arrive.
ScalingRun run_model(AllreduceOptions options, const Communicator& communicator) {
  options.bench.counts = {1, 1};
  return measure_scaling(options.bench, ScalingMode::kWeak, 1, options.output.empty() ? "." : options.output,
                         communicator);
}

constexpr std::int64_t kPeriod = 61;  ///< values repeat; sums stay whole numbers that a float holds exactly

std::int64_t count_wrong(const ProcessGroupPtr& group, const Communicator& communicator, const at::Tensor& buffer) {
  const auto pattern = at::arange(buffer.numel(), buffer.options().dtype(at::kLong)).remainder(kPeriod) + 1;
  buffer.copy_(pattern * (communicator.rank() + 1));
  std::vector<at::Tensor> buffers{buffer};
  group->allreduce(buffers)->wait();
  const std::int64_t ranks = communicator.size();
  const auto expected = (pattern * (ranks * (ranks + 1) / 2)).to(at::kFloat);
  return communicator.all_reduce((buffer != expected).sum().item<std::int64_t>(), Reduction::kSum);
}

/// Seconds of one operation when `iterations` are under way, on the slowest rank.
double time_round(const ProcessGroupPtr& group, const Communicator& communicator, const at::Tensor& buffer,
                  int iterations) {
  communicator.barrier();
  const auto start = std::chrono::steady_clock::now();
  std::vector<c10::intrusive_ptr<c10d::Work>> works;
  std::vector<at::Tensor> buffers{buffer};
  for (int i = 0; i < iterations; ++i) works.push_back(group->allreduce(buffers));
  for (const auto& work : works) work->wait();
  if (buffer.is_cuda()) c10::cuda::device_synchronize();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return communicator.all_reduce(seconds / iterations, Reduction::kMax);
}

}  // namespace

template <class Result, class Visit>
requires std::same_as<std::remove_const_t<Result>, AllreduceResult>
void visit_columns(Result& result, const Visit& visit) {
  visit("kind", result.kind);
  visit("ranks", result.ranks);
  visit("nodes", result.nodes);
  visit("device", result.device);
  visit("bytes", result.bytes);
  visit("time_s", result.time_s);
  visit("min_s", result.min_s);
  visit("max_s", result.max_s);
  visit("wrong", result.wrong);
}

double AllreduceResult::algorithm_bandwidth() const { return static_cast<double>(bytes) / time_s / 1e9; }

double AllreduceResult::bus_bandwidth() const { return algorithm_bandwidth() * 2 * (ranks - 1) / ranks; }

std::vector<std::int64_t> sweep_sizes(std::int64_t first, std::int64_t last, int factor) {
  std::vector<std::int64_t> sizes;
  for (std::int64_t size = first; size <= last; size *= factor) sizes.push_back(size);
  return sizes;
}

std::string allreduce_header() {
  return "#       size         count      type   redop    root     time   algbw   busbw #wrong     min-max time\n"
         "#        (B)    (elements)                               (us)  (GB/s)  (GB/s)                    (us)\n";
}

std::string allreduce_line(const AllreduceResult& result) {
  std::string text = fmt::format(
      "{:12}  {:12}  {:>8}  {:>6}  {:>6}  {:7.2f}  {:6.3f}  {:6.3f}  {:5}  {:9.2f}-{:.2f}  {}\n", result.bytes,
      result.count(), "float", "sum", "-1", 1e6 * result.time_s, result.algorithm_bandwidth(), result.bus_bandwidth(),
      result.wrong, 1e6 * result.min_s, 1e6 * result.max_s, result.kind == "bucket" ? "bucket" : "");
  text.erase(text.find_last_not_of(" \n") + 1);
  return text + "\n";
}

std::string allreduce_footer(const std::vector<AllreduceResult>& results) {
  std::int64_t wrong = 0;
  double bandwidth = 0;
  for (const auto& result : results) {
    wrong += result.wrong;
    bandwidth += result.bus_bandwidth() / static_cast<double>(results.size());
  }
  return fmt::format("# Out of bounds values : {} {}\n# Avg bus bandwidth    : {:.4f}\n", wrong,
                     wrong == 0 ? "OK" : "FAILED", bandwidth);
}

void add_allreduce(const std::filesystem::path& folder, const std::vector<AllreduceResult>& results) {
  std::string stem = fmt::format("{}_{}ranks", utc_text(now_s()), results.front().ranks);
  std::erase(stem, ':');
  add_csv_file(folder / "allreduce", stem, rows_to_csv(results));
}

std::vector<AllreduceResult> read_allreduce(const std::filesystem::path& folder) {
  std::vector<AllreduceResult> results;
  for (const auto& file : csv_files(folder / "allreduce")) {
    auto of_file = rows_from_csv<AllreduceResult>(read_csv_table(file), file.string());
    std::move(of_file.begin(), of_file.end(), std::back_inserter(results));
  }
  return results;
}

void AllreduceOptions::add_to(OptionTable& table) {
  const std::string section = "bench";
  table.add(section, "output", output, "folder that keeps the results, for `retime bench scaling --project`; optional");
  table.add_short('o', "output");
  table.add(section, "min-bytes", first_bytes, "smallest size of the sweep");
  table.add(section, "max-bytes", last_bytes, "largest size of the sweep; less than min-bytes: the buckets only");
  table.add(section, "factor", factor, "from one size to the next");
  table.add(section, "rounds", timing.rounds, "measurements of a size, of which the median counts");
  table.add(section, "iterations", timing.iterations, "all-reduces in a round");
  table.add(section, "image-width", bench.size.width, "training size, which the plate's part of the gradients follows");
  table.add(section, "image-height", bench.size.height, "pixels");
  table.add(section, "objects", bench.objects, "layers besides the background");
  table.add(section, "threads", bench.threads, "of each rank");
  bench.config.add_to(table);
}

void AllreduceOptions::validate() const {
  bench.config.validate();
  require(first_bytes >= 4, "min-bytes must be at least 4");
  require(factor >= 2, "factor must be at least 2");
  require(timing.rounds >= 1 && timing.iterations >= 1, "rounds and iterations must be at least 1");
  require(bench.threads >= 1, "threads must be at least 1");
  require(bench.objects >= 1 && bench.objects <= 64, "objects must be 1 to 64");
  require(bench.size.width >= 16 && bench.size.height >= 16, "image-width and image-height must be at least 16");
}

void bench_allreduce(const AllreduceOptions& options, const Communicator& communicator) {
  const auto model = run_model(options, communicator);
  Measurement measurement(options, communicator);
  measurement.print_header(model);
  for (const auto bytes : model.step.bucket_bytes) measurement.add("bucket", bytes);
  for (const auto bytes : sweep_sizes(options.first_bytes, options.last_bytes, options.factor))
    measurement.add("sweep", bytes);
  run_on_root(communicator, [&] {
    std::printf("%s", allreduce_footer(measurement.results()).c_str());
    if (!options.output.empty()) add_allreduce(options.output, measurement.results());
  });
  for (const auto& result : measurement.results())
    if (result.wrong > 0)
      throw AgreedError("sums over ranks are wrong (" + std::to_string(result.wrong) + " values of an all-reduce of " +
                        std::to_string(result.bytes) + " bytes): check the network, the MPI and the NCCL installation");
}

AllreduceResult measure_allreduce(const ProcessGroupPtr& group, const Communicator& communicator, c10::Device device,
                                  std::int64_t bytes, AllreduceTiming timing) {
  const auto buffer = at::zeros({bytes / 4}, at::TensorOptions(device).dtype(at::kFloat));
  AllreduceResult result;
  result.ranks = communicator.size();
  result.bytes = bytes / 4 * 4;
  result.wrong = count_wrong(group, communicator, buffer);
  buffer.zero_();  // Sums of sums would grow beyond what a float holds.
  time_round(group, communicator, buffer, std::max(1, timing.iterations / 2));
  std::vector<double> times;
  for (int i = 0; i < timing.rounds; ++i) times.push_back(time_round(group, communicator, buffer, timing.iterations));
  std::sort(times.begin(), times.end());
  result.time_s = times[times.size() / 2];
  result.min_s = times.front();
  result.max_s = times.back();
  return result;
}

}  // namespace retime
