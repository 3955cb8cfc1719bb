#include "dist/mpi_backend.hpp"

#include <ATen/ATen.h>

#include <climits>
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

std::string describe(const char* verb, const at::Tensor& tensor) {
  return std::string(verb) + " of " + std::to_string(tensor.numel()) + " " + c10::toString(tensor.scalar_type()) +
         " values";
}

const at::Tensor& single(const std::vector<at::Tensor>& tensors, const char* verb) {
  if (tensors.size() == 1 && tensors[0].layout() == at::kStrided) return tensors[0];
  throw Error(std::string(verb) + " takes one dense tensor at a time (given " + std::to_string(tensors.size()) +
              "): flatten them first");
}

int mpi_count(std::int64_t count, const std::string& name) {
  if (count > INT_MAX) throw Error(name + " is too large for MPI (limit 2147483647): send it in parts");
  return static_cast<int>(count);
}

/// A contiguous tensor on the CPU with the values of `tensor`, of the same type or of `type`; shares memory if it can.
at::Tensor stage(const at::Tensor& tensor, at::ScalarType type) {
  return tensor.detach().to(at::TensorOptions(at::kCPU).dtype(type)).contiguous();
}

void unstage(const at::Tensor& staged, at::Tensor tensor) {
  if (staged.data_ptr() != tensor.data_ptr()) tensor.copy_(staged);
}

at::ScalarType addable_type(at::ScalarType type) {
  return type == at::kHalf || type == at::kBFloat16 ? at::kFloat : type;
}

MPI_Datatype number_type(at::ScalarType type, const std::string& name) {
  switch (type) {
    case at::kFloat:
      return MPI_FLOAT;
    case at::kDouble:
      return MPI_DOUBLE;
    case at::kInt:
      return MPI_INT32_T;
    case at::kLong:
      return MPI_INT64_T;
    case at::kByte:
      return MPI_UINT8_T;
    default:
      throw Error(name + " is not supported (type " + c10::toString(type) + "): convert to float or int64 first");
  }
}

/// A type of as many bytes as one element, for operations that only move data.
MPI_Datatype opaque_type(std::size_t element_bytes) {
  switch (element_bytes) {
    case 2:
      return MPI_INT16_T;
    case 4:
      return MPI_INT32_T;
    case 8:
      return MPI_INT64_T;
    case 16:
      return MPI_C_DOUBLE_COMPLEX;
    default:
      return MPI_BYTE;
  }
}

MPI_Op mpi_op(const c10d::ReduceOp& reduction, at::ScalarType type, const std::string& name) {
  switch (static_cast<c10d::ReduceOp::RedOpType>(reduction)) {
    case c10d::ReduceOp::SUM:
      return MPI_SUM;
    case c10d::ReduceOp::MIN:
      return MPI_MIN;
    case c10d::ReduceOp::MAX:
      return MPI_MAX;
    case c10d::ReduceOp::AVG:
      if (at::isFloatingType(type)) return MPI_SUM;
      throw Error(name + " cannot average whole numbers: sum them, or convert to float first");
    default:
      throw Error(name + " knows sum, average, minimum and maximum only: use one of these");
  }
}

MpiOperation gather_operation(const at::Tensor& input, const at::Tensor& received, std::string name) {
  MpiOperation operation;
  operation.bytes = static_cast<std::int64_t>(received.nbytes());
  const int count = mpi_count(input.numel(), name);
  operation.name = std::move(name);
  operation.start = [input, received, count](MPI_Comm comm, MPI_Request* request) {
    const MPI_Datatype type = opaque_type(input.element_size());
    return MPI_Iallgather(input.data_ptr(), count, type, received.data_ptr(), count, type, comm, request);
  };
  return operation;
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

MpiBackend::MpiBackend(const Communicator& communicator, std::chrono::milliseconds timeout)
    : c10d::Backend(communicator.rank(), communicator.size()), worker_(communicator, timeout) {}

c10::intrusive_ptr<c10d::Work> MpiBackend::submit(MpiOperation operation, c10d::OpType type) {
  return c10::make_intrusive<MpiWork>(getRank(), type, worker_.submit(std::move(operation)));
}

c10::intrusive_ptr<c10d::Work> MpiBackend::allreduce(std::vector<at::Tensor>& tensors,
                                                     const c10d::AllreduceOptions& options) {
  const at::Tensor tensor = single(tensors, "all-reduce");
  MpiOperation operation;
  operation.name = describe("all-reduce", tensor);
  const at::ScalarType scalar = addable_type(tensor.scalar_type());
  const MPI_Datatype type = number_type(scalar, operation.name);
  const MPI_Op op = mpi_op(options.reduceOp, scalar, operation.name);
  const int count = mpi_count(tensor.numel(), operation.name);
  const bool average = options.reduceOp == c10d::ReduceOp(c10d::ReduceOp::AVG);
  const at::Tensor staged = stage(tensor, scalar);
  operation.bytes = static_cast<std::int64_t>(staged.nbytes());
  operation.outputs = {tensor};
  operation.start = [staged, count, type, op](MPI_Comm comm, MPI_Request* request) {
    return MPI_Iallreduce(MPI_IN_PLACE, staged.data_ptr(), count, type, op, comm, request);
  };
  operation.finish = [staged, tensor, average, size = getSize()] {
    if (average) at::Tensor(staged).div_(size);
    unstage(staged, tensor.detach());
  };
  return submit(std::move(operation), c10d::OpType::ALLREDUCE);
}

c10::intrusive_ptr<c10d::Work> MpiBackend::broadcast(std::vector<at::Tensor>& tensors,
                                                     const c10d::BroadcastOptions& options) {
  const at::Tensor tensor = single(tensors, "broadcast");
  MpiOperation operation;
  operation.name = describe("broadcast", tensor);
  const int count = mpi_count(tensor.numel(), operation.name);
  const int root = static_cast<int>(options.rootRank);
  const at::Tensor staged = stage(tensor, tensor.scalar_type());
  operation.bytes = static_cast<std::int64_t>(staged.nbytes());
  operation.outputs = {tensor};
  operation.start = [staged, count, root](MPI_Comm comm, MPI_Request* request) {
    return MPI_Ibcast(staged.data_ptr(), count, opaque_type(staged.element_size()), root, comm, request);
  };
  operation.finish = [staged, tensor] { unstage(staged, tensor.detach()); };
  return submit(std::move(operation), c10d::OpType::BROADCAST);
}

c10::intrusive_ptr<c10d::Work> MpiBackend::allgather(std::vector<std::vector<at::Tensor>>& outputs,
                                                     std::vector<at::Tensor>& inputs, const c10d::AllgatherOptions&) {
  const at::Tensor& input = single(inputs, "all-gather");
  if (outputs.size() != 1 || outputs[0].size() != static_cast<std::size_t>(getSize())) {
    throw Error("all-gather needs one output tensor a rank: give " + std::to_string(getSize()));
  }
  const at::Tensor staged = stage(input, input.scalar_type());
  const at::Tensor received = at::empty({getSize(), staged.numel()}, staged.options());
  MpiOperation operation = gather_operation(staged, received, describe("all-gather", input));
  operation.outputs = outputs[0];
  operation.finish = [received, targets = outputs[0]] {
    for (std::size_t rank = 0; rank < targets.size(); ++rank) {
      const at::Tensor target = targets[rank].detach();
      target.copy_(received[static_cast<std::int64_t>(rank)].view(target.sizes()));
    }
  };
  return submit(std::move(operation), c10d::OpType::ALLGATHER);
}

c10::intrusive_ptr<c10d::Work> MpiBackend::_allgather_base(at::Tensor& output, at::Tensor& input,
                                                           const c10d::AllgatherOptions&) {
  if (output.numel() != input.numel() * getSize() || output.scalar_type() != input.scalar_type()) {
    throw Error("all-gather output holds " + std::to_string(output.numel()) + " values (input " +
                std::to_string(input.numel()) + " on each of " + std::to_string(getSize()) +
                " ranks): make it the input's type and that many times as large");
  }
  const at::Tensor staged = stage(input, input.scalar_type());
  const at::Tensor received = stage(output, output.scalar_type());
  MpiOperation operation = gather_operation(staged, received, describe("all-gather", input));
  operation.outputs = {output};
  operation.finish = [received, target = output.detach()] { unstage(received, target); };
  return submit(std::move(operation), c10d::OpType::_ALLGATHER_BASE);
}

c10::intrusive_ptr<c10d::Work> MpiBackend::barrier(const c10d::BarrierOptions&) {
  MpiOperation operation;
  operation.name = "barrier";
  operation.start = [](MPI_Comm comm, MPI_Request* request) { return MPI_Ibarrier(comm, request); };
  return submit(std::move(operation), c10d::OpType::BARRIER);
}

}  // namespace retime
