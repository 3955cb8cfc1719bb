#pragma once

#include <chrono>
#include <string>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <vector>

#include "dist/mpi_worker.hpp"

namespace retime {

/// A c10d backend over MPI for tensors on the CPU: what NCCL is for GPUs. Operations run in order on a worker's thread
/// and overlap with the backward pass. CUDA tensors are taken too and travel through host memory (slow; for trials of
/// several ranks on one GPU, which NCCL refuses). Errors of an operation reach whoever waits for its Work or future.
class MpiBackend : public c10d::Backend {
 public:
  /// See MpiWorker for `timeout`. This call is MPI collective.
  MpiBackend(const Communicator& communicator, std::chrono::milliseconds timeout);

  const std::string getBackendName() const override { return "retime-mpi"; }

  /// Sum, average (floating types), minimum or maximum of one tensor, in place; float, double, half and bfloat16 (both
  /// added up as float), int32, int64, uint8. Throws Error for others. This call is MPI collective.
  c10::intrusive_ptr<c10d::Work> allreduce(std::vector<at::Tensor>& tensors,
                                           const c10d::AllreduceOptions& options = {}) override;
  /// Replaces one tensor of any type by that of `options.rootRank`. This call is MPI collective.
  c10::intrusive_ptr<c10d::Work> broadcast(std::vector<at::Tensor>& tensors,
                                           const c10d::BroadcastOptions& options = {}) override;
  /// `outputs` is [1][size] tensors shaped like the one of `inputs`. This call is MPI collective.
  c10::intrusive_ptr<c10d::Work> allgather(std::vector<std::vector<at::Tensor>>& outputs,
                                           std::vector<at::Tensor>& inputs,
                                           const c10d::AllgatherOptions& options = {}) override;
  /// `output` holds the `input` of all ranks one after the other. This call is MPI collective.
  c10::intrusive_ptr<c10d::Work> _allgather_base(at::Tensor& output, at::Tensor& input,
                                                 const c10d::AllgatherOptions& options = {}) override;
  /// This call is MPI collective.
  c10::intrusive_ptr<c10d::Work> barrier(const c10d::BarrierOptions& options = {}) override;

  MpiCounters counters() const { return worker_.counters(); }

 private:
  c10::intrusive_ptr<c10d::Work> submit(MpiOperation operation, c10d::OpType type);

  MpiWorker worker_;
};

}  // namespace retime
