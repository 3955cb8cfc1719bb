#include "bench/allreduce.hpp"

#include <ATen/ATen.h>
#include <c10/cuda/CUDAFunctions.h>

#include <algorithm>
#include <chrono>

namespace retime {
namespace {

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
