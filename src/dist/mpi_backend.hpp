#pragma once

#include <ATen/core/ivalue.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Work.hpp>
#include <vector>

#include "dist/mpi/mpi_support.hpp"
#include "ranks/communicator.hpp"

namespace retime {

/// One collective operation on tensors in CPU memory.
struct MpiOperation {
  std::string name;                                  ///< for messages, for example "all-reduce of 1024 Float values"
  std::int64_t bytes = 0;                            ///< of the buffer that travels
  std::function<int(MPI_Comm, MPI_Request*)> start;  ///< posts the non-blocking MPI call and returns its code
  std::function<void()> finish;                      ///< writes what arrived to `outputs`; may be empty
  std::vector<at::Tensor> outputs;                   ///< value of the future
  c10::intrusive_ptr<c10::ivalue::Future> future;    ///< set by MpiWorker::submit
};

/// What a worker has done so far.
struct MpiCounters {
  std::int64_t submitted = 0;
  std::int64_t completed = 0;
  std::int64_t bytes = 0;  ///< of completed operations
  double busy_s = 0;       ///< time spent in operations, waiting for other ranks included
};

/// A thread that runs collective operations one after the other, on its own duplicate of the communicator, so that
/// they overlap with computation. Every rank submits the same operations in the same order.
class MpiWorker {
 public:
  /// An operation that other ranks do not join within `timeout`, while this process is awake, fails. This call is MPI
  /// collective.
  MpiWorker(const Communicator& communicator, std::chrono::milliseconds timeout);
  /// Completes what was submitted; gives it up when an exception passes by.
  ~MpiWorker();
  MpiWorker(const MpiWorker&) = delete;
  MpiWorker& operator=(const MpiWorker&) = delete;

  /// Queues `operation` and returns at once. The future holds `outputs`, or the Error when the operation failed. After
  /// a failure the ranks disagree about what comes next, so that all later operations fail with the same Error.
  c10::intrusive_ptr<c10::ivalue::Future> submit(MpiOperation operation);

  MpiCounters counters() const;

 private:
  void run();
  void execute(MpiOperation& operation);
  void wait_for(MPI_Request& request, const MpiOperation& operation) const;

  MpiComm comm_;
  const std::chrono::milliseconds timeout_;
  std::exception_ptr failure_;  ///< touched by the worker's thread only

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<MpiOperation> queue_;
  MpiCounters counters_;
  bool closing_ = false;
  std::atomic<bool> give_up_ = false;
  std::thread thread_;
};

/// The c10d view of a future of MpiWorker.
class MpiWork : public c10d::Work {
 public:
  MpiWork(int rank, c10d::OpType type, c10::intrusive_ptr<c10::ivalue::Future> future);

  bool isCompleted() override;
  bool isSuccess() const override;
  std::exception_ptr exception() const override;
  std::vector<at::Tensor> result() override;
  void synchronize() override;
  /// Waits and throws the operation's Error. MpiWorker has the time limit; `timeout` is not looked at.
  bool wait(std::chrono::milliseconds timeout = kNoTimeout) override;
  c10::intrusive_ptr<c10::ivalue::Future> getFuture() override;

 private:
  c10::intrusive_ptr<c10::ivalue::Future> future_;
};

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
