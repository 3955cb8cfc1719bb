#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "dist/process_group.hpp"

namespace retime {

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
