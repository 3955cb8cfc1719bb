#include "dist/collectives.hpp"

#include <torch/csrc/autograd/custom_function.h>

#include <torch/csrc/distributed/c10d/comm.hpp>
#include <utility>

#include "core/activity.hpp"
#include "dist/step_timeline.hpp"

namespace retime {
namespace {

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
