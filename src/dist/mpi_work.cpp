#include "dist/mpi_work.hpp"

#include <utility>

namespace retime {

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
