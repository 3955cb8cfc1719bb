#include "dist/process_group.hpp"

#include <nccl.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <span>
#include <torch/csrc/distributed/c10d/HashStore.hpp>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <torch/csrc/distributed/c10d/comm.hpp>
#include <utility>

#include "core/activity.hpp"
#include "dist/device.hpp"
#include "dist/mpi_backend.hpp"
#include "dist/step_timeline.hpp"

namespace retime {
namespace {

constexpr auto kNever = std::chrono::hours(10 * 365 * 24);

/// Ends its backends before their destructors, which would wait for other ranks after an exception of this one alone.
class Group final : public c10d::ProcessGroup {
 public:
  using c10d::ProcessGroup::ProcessGroup;
  ~Group() override {
    try {
      std::uncaught_exceptions() > 0 ? abort() : shutdown();
    } catch (const std::exception&) {  // The connection is broken: the job is about to end.
    }
  }
};

c10::intrusive_ptr<c10d::Backend> make_nccl_backend(const c10::intrusive_ptr<c10d::Store>& store,
                                                    const Communicator& communicator,
                                                    const ProcessGroupOptions& options) {
  auto nccl_options = c10d::ProcessGroupNCCL::Options::create();
  // NCCL's clock would count the time that a job is suspended for: the watch over ranks sees a collective that hangs.
  nccl_options->timeout = kNever;
  ::setenv("TORCH_NCCL_ENABLE_MONITORING", "0", 0);
  nccl_options->group_name = options.name;
  return c10::make_intrusive<c10d::ProcessGroupNCCL>(store, communicator.rank(), communicator.size(), nccl_options);
}

/// Nodes reach rank 0 by its host name; ranks of one node need no name resolution.
std::string server_host(const Communicator& communicator) {
  const std::string host = communicator.broadcast(communicator.host());
  return communicator.local_size() == communicator.size() ? "127.0.0.1" : host;
}

/// Tensors of a broadcast travel in buffers of this size.
constexpr std::size_t kBroadcastBytes = std::size_t{256} << 20;

PendingSum start_sum(const ProcessGroupPtr& group, const at::Tensor& tensor) {
  std::vector<at::Tensor> buffer{tensor.detach().clone(at::MemoryFormat::Contiguous)};
  if (!group) return {buffer[0], {}};
  note_collective();
  auto work = group->allreduce(buffer);
  return {buffer[0], std::move(work)};
}

struct SumOverRanks : torch::autograd::Function<SumOverRanks> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& tensor,
                            const ProcessGroupPtr& group) {
    context->saved_data["group"] = group;
    return start_sum(group, tensor).wait();
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto group = context->saved_data["group"].toCustomClass<c10d::ProcessGroup>();
    return {start_sum(group, gradients[0]).wait(), at::Tensor()};
  }
};

}  // namespace

ProcessGroupPtr make_process_group(const Communicator& communicator, c10::Device device,
                                   const ProcessGroupOptions& options) {
  if (communicator.size() == 1) return {};
  const bool with_nccl = device.is_cuda() && nccl_connects(communicator, device);
  c10::intrusive_ptr<c10d::Store> store = c10::make_intrusive<c10d::HashStore>();
  if (with_nccl) store = make_store(communicator, options.name, options.timeout);
  auto group = c10::make_intrusive<Group>(store, communicator.rank(), communicator.size());
  const c10::intrusive_ptr<c10d::Backend> mpi = c10::make_intrusive<MpiBackend>(communicator, options.timeout);
  group->setBackend(c10::kCPU, Group::BackendType::CUSTOM, mpi);
  group->setDefaultBackend(Group::BackendType::CUSTOM);
  if (with_nccl) {
    group->setBackend(c10::kCUDA, Group::BackendType::NCCL, make_nccl_backend(store, communicator, options));
    group->setDefaultBackend(Group::BackendType::NCCL);
  } else if (device.is_cuda()) {
    group->setBackend(c10::kCUDA, Group::BackendType::CUSTOM, mpi);
  }
  group->setGroupName(options.name);
  return group;
}

NcclVersions nccl_versions() {
  const std::string compiled =
      std::to_string(NCCL_MAJOR) + "." + std::to_string(NCCL_MINOR) + "." + std::to_string(NCCL_PATCH);
  return {compiled, c10d::getNcclVersion()};
}

c10::intrusive_ptr<c10d::Store> make_store(const Communicator& communicator, const std::string& name,
                                           std::chrono::milliseconds timeout) {
  c10d::TCPStoreOptions options;
  options.isServer = communicator.is_root();
  options.port = 0;
  options.waitWorkers = false;
  options.timeout = timeout;
  const std::string host = server_host(communicator);
  c10::intrusive_ptr<c10d::TCPStore> store;
  if (options.isServer) store = c10::make_intrusive<c10d::TCPStore>(host, options);
  std::int32_t port = store ? store->getPort() : 0;
  communicator.broadcast(std::span(&port, 1));
  options.port = static_cast<std::uint16_t>(port);
  if (!store) store = c10::make_intrusive<c10d::TCPStore>(host, options);
  return c10::make_intrusive<c10d::PrefixStore>(name, store);
}

PendingSum::PendingSum(at::Tensor result, c10::intrusive_ptr<c10d::Work> work)
    : result_(std::move(result)), work_(std::move(work)) {}

at::Tensor PendingSum::wait() {
  if (work_) {
    const StepPartScope waiting(StepPart::kCommunication);
    work_->wait();
  }
  work_ = {};
  return result_;
}

Collectives::Collectives(ProcessGroupPtr group) : group_(std::move(group)) {}

int Collectives::world_size() const { return group_ ? group_->getSize() : 1; }

at::Tensor Collectives::sum(const at::Tensor& tensor) const { return sum_async(tensor).wait(); }

PendingSum Collectives::sum_async(const at::Tensor& tensor) const { return start_sum(group_, tensor); }

at::Tensor Collectives::sum_with_grad(const at::Tensor& tensor) const {
  if (!group_) return tensor.clone();
  // A rank whose argument is constant takes part in the backward pass of the others.
  const bool lacks_grad = at::GradMode::is_enabled() && !tensor.requires_grad();
  return SumOverRanks::apply(lacks_grad ? tensor.detach().requires_grad_() : tensor, group_);
}

void Collectives::broadcast(const std::vector<at::Tensor>& tensors, int root) const {
  if (!group_ || tensors.empty()) return;
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> detached;
  for (const at::Tensor& tensor : tensors) detached.push_back(tensor.detach());
  c10d::broadcast_coalesced(group_, detached, kBroadcastBytes, root);
}

}  // namespace retime
