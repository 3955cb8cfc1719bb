#include "dist/mpi_worker.hpp"

#include <ATen/ATen.h>

#include <utility>

#include "core/error.hpp"
#include "dist/mpi/awake_timer.hpp"
#include "dist/mpi/mpi_transport.hpp"

namespace retime {
namespace {

using Clock = std::chrono::steady_clock;

/// MPI may still write to the buffers of an operation that was given up: they live until the process ends.
void keep_forever(MpiOperation operation) {
  static std::mutex mutex;
  static auto* kept = new std::vector<MpiOperation>;
  const std::lock_guard lock(mutex);
  kept->push_back(std::move(operation));
}

}  // namespace

MpiWorker::MpiWorker(const Communicator& communicator, std::chrono::milliseconds timeout)
    : comm_(mpi_comm(communicator).get()), timeout_(timeout), thread_([this] { run(); }) {}

MpiWorker::~MpiWorker() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    if (std::uncaught_exceptions() > 0) give_up_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

c10::intrusive_ptr<c10::ivalue::Future> MpiWorker::submit(MpiOperation operation) {
  operation.future = c10::make_intrusive<c10::ivalue::Future>(c10::ListType::create(c10::TensorType::get()));
  auto future = operation.future;
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(operation));
    ++counters_.submitted;
  }
  wake_.notify_all();
  return future;
}

MpiCounters MpiWorker::counters() const {
  const std::lock_guard lock(mutex_);
  return counters_;
}

void MpiWorker::run() {
  const at::NoGradGuard no_grad;
  for (;;) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return closing_ || !queue_.empty(); });
    if (queue_.empty()) return;
    MpiOperation operation = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    execute(operation);
  }
}

void MpiWorker::execute(MpiOperation& operation) {
  const auto future = operation.future;
  const auto begin = Clock::now();
  MPI_Request request = MPI_REQUEST_NULL;
  try {
    if (failure_) std::rethrow_exception(failure_);
    check_mpi(operation.start(comm_.get(), &request), operation.name);
    wait_for(request, operation);
    if (operation.finish) operation.finish();
  } catch (...) {
    failure_ = std::current_exception();
    if (request != MPI_REQUEST_NULL) keep_forever(std::move(operation));
    future->setError(failure_);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    ++counters_.completed;
    counters_.bytes += operation.bytes;
    counters_.busy_s += std::chrono::duration<double>(Clock::now() - begin).count();
  }
  future->markCompleted(operation.outputs);
}

void MpiWorker::wait_for(MPI_Request& request, const MpiOperation& operation) const {
  AwakeTimer timer;
  wait_until([&] {
    int done = 0;
    check_mpi(MPI_Test(&request, &done, MPI_STATUS_IGNORE), operation.name);
    if (done != 0) return true;
    if (give_up_) throw Error(operation.name + " was given up (this rank stops after an error)");
    if (timer.elapsed() > timeout_) {
      throw Error(operation.name + " did not complete on rank " + std::to_string(comm_.rank()) + " within " +
                  std::to_string(timeout_.count()) +
                  " ms (another rank stopped or took another path): look for the first error of another rank");
    }
    return false;
  });
}

MpiWork::MpiWork(int rank, c10d::OpType type, c10::intrusive_ptr<c10::ivalue::Future> future)
    : c10d::Work(rank, type), future_(std::move(future)) {}

bool MpiWork::isCompleted() { return future_->completed(); }

bool MpiWork::isSuccess() const { return future_->completed() && !future_->hasError(); }

std::exception_ptr MpiWork::exception() const { return future_->hasError() ? future_->exception_ptr() : nullptr; }

std::vector<at::Tensor> MpiWork::result() {
  future_->waitAndThrow();
  return future_->value().toTensorVector();
}

void MpiWork::synchronize() { future_->waitAndThrow(); }

bool MpiWork::wait(std::chrono::milliseconds) {
  future_->waitAndThrow();
  return true;
}

c10::intrusive_ptr<c10::ivalue::Future> MpiWork::getFuture() { return future_; }

}  // namespace retime
