#pragma once

#include <torch/csrc/distributed/c10d/Work.hpp>
#include <vector>

namespace retime {

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

}  // namespace retime
