#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <chrono>
#include <string>
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>
#include <vector>

#include "ranks/communicator.hpp"

namespace retime {

/// What tensors travel on; null stands for a single process.
using ProcessGroupPtr = c10::intrusive_ptr<c10d::ProcessGroup>;

struct ProcessGroupOptions {
  std::string name = "default";        ///< tells the groups of a job apart, in messages and in the NCCL bootstrap
  std::chrono::seconds timeout{1800};  ///< for joining a collective over MPI, and NCCL once; then see Watchdog
};

/// Connects all ranks: MpiBackend for CPU tensors and, if `device` is a GPU, c10d's NCCL backend for CUDA tensors
/// (MpiBackend through host memory when ranks share a GPU, unless `nccl_connects`). Null when there is one rank. A
/// group runs its operations in the order of the calls, which must be the same on all ranks: where two orders may mix
/// differently, as those of GradientReducer and of sums inside a backward pass do, make a group for each. To be
/// destroyed before MpiSession. This call is MPI collective.
ProcessGroupPtr make_process_group(const Communicator& communicator, c10::Device device,
                                   const ProcessGroupOptions& options = {});

struct NcclVersions {
  std::string compiled;  ///< of the header that this program was built with, for example "2.28.9"
  std::string loaded;    ///< of the library in this process
};
NcclVersions nccl_versions();

/// A key-value store that all ranks see, for the NCCL bootstrap: a TCP server on rank 0, whose port travels through
/// MPI. Keys are prefixed by `name`. This call is MPI collective.
c10::intrusive_ptr<c10d::Store> make_store(const Communicator& communicator, const std::string& name,
                                           std::chrono::milliseconds timeout);

/// A sum over ranks that is under way.
class PendingSum {
 public:
  PendingSum(at::Tensor result, c10::intrusive_ptr<c10d::Work> work);
  /// The sum, shaped like the argument, without gradient. On a GPU the current stream waits, not the CPU.
  at::Tensor wait();

 private:
  at::Tensor result_;
  c10::intrusive_ptr<c10d::Work> work_;
};

/// Sums of tensors over all ranks. With a null group (one process) a sum is the tensor itself, copied. All ranks make
/// the same calls in the same order with equal shapes. Failures are thrown as Error or by NCCL's watchdog.
class Collectives {
 public:
  explicit Collectives(ProcessGroupPtr group = {});

  int world_size() const;

  /// Returns the sum over ranks as a new tensor without gradient. This call is MPI collective.
  at::Tensor sum(const at::Tensor& tensor) const;
  /// The same, without waiting for it. This call is MPI collective.
  PendingSum sum_async(const at::Tensor& tensor) const;
  /// The sum over ranks as a node of the autograd graph, whose backward sums the gradient over ranks: for statistics
  /// that every rank's loss depends on, such as those of synchronised batch norm. The backward is collective too: the
  /// result must take part in the loss of every rank. The argument may be constant. This call is MPI collective.
  at::Tensor sum_with_grad(const at::Tensor& tensor) const;
  /// Replaces `tensors` (parameters, buffers; any types, on one device) by those of `root`. This call is MPI
  /// collective.
  void broadcast(const std::vector<at::Tensor>& tensors, int root = 0) const;

 private:
  ProcessGroupPtr group_;
};

}  // namespace retime
