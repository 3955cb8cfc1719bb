#include "dist/gradient_reducer.hpp"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>

#include <algorithm>
#include <functional>
#include <sstream>
#include <torch/csrc/distributed/c10d/reducer.hpp>
#include <unordered_map>
#include <utility>

#include "core/activity.hpp"
#include "core/error.hpp"
#include "dist/step_timeline.hpp"

namespace retime {
namespace {

using torch::autograd::variable_list;

/// Passes the gradient of the loss on and gives all parameters an undefined one. That runs the accumulation node of
/// each parameter, and with it the Reducer's hook, for parameters that the loss does not depend on as well.
struct ParameterLink : torch::autograd::Node {
  variable_list apply(variable_list&& gradients) override {
    variable_list result(num_outputs());
    result[0] = std::move(gradients[0]);
    return result;
  }
};

/// The loss as a node of the graph that reaches all parameters.
at::Tensor link_parameters(const at::Tensor& loss, const variable_list& parameters) {
  auto linked = loss.detach().clone();
  const std::shared_ptr<ParameterLink> link(new ParameterLink, torch::autograd::deleteNode);
  link->set_next_edges(torch::autograd::collect_next_edges(loss, parameters));
  torch::autograd::set_history(linked, link);
  return linked;
}

/// The Reducer divides by the world size unless a hook takes over: this one sums.
struct SumHook : c10d::CppCommHookInterface<ProcessGroupPtr> {
  using CppCommHookInterface::CppCommHookInterface;
  c10::intrusive_ptr<c10::ivalue::Future> runHook(c10d::GradBucket& bucket) override {
    std::vector<at::Tensor> buffer{bucket.getBufferRef()};
    note_bucket(static_cast<std::int64_t>(buffer[0].nbytes()));
    if (bucket.isLast()) enter_step_part(StepPart::kCommunication);  // all local gradients are there
    return state_->allreduce(buffer)->getFuture();
  }
};

std::int64_t fingerprint(const at::Tensor& parameter, const std::string& name) {
  std::ostringstream text;
  text << name << ' ' << parameter.scalar_type() << ' ' << parameter.sizes() << ' ' << parameter.strides();
  return static_cast<std::int64_t>(std::hash<std::string>{}(text.str()) >> 1);
}

/// True on all ranks if `values` [N] int64 are the same on all of them at index i; result [N] bool on the CPU.
at::Tensor equal_on_all_ranks(const ProcessGroupPtr& group, const at::Tensor& values) {
  std::vector<at::Tensor> bounds{at::cat({values, -values})};
  c10d::AllreduceOptions options;
  options.reduceOp = c10d::ReduceOp::MAX;
  group->allreduce(bounds, options)->wait();
  const auto halves = bounds[0].cpu().chunk(2);
  return halves[0] == -halves[1];
}

void check_same_on_all_ranks(const ProcessGroupPtr& group, const std::vector<at::Tensor>& parameters,
                             const std::vector<std::string>& names) {
  std::vector<std::int64_t> fingerprints;
  for (std::size_t i = 0; i < parameters.size(); ++i) fingerprints.push_back(fingerprint(parameters[i], names[i]));
  const auto device = parameters.front().device();
  const auto count = at::tensor({static_cast<std::int64_t>(parameters.size())}, at::kLong).to(device);
  if (!equal_on_all_ranks(group, count).item<bool>()) {
    throw Error("ranks have different numbers of parameters (" + std::to_string(parameters.size()) +
                " on this one): give all ranks the same configuration");
  }
  const at::Tensor equal = equal_on_all_ranks(group, at::tensor(fingerprints, at::kLong).to(device));
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (equal[static_cast<std::int64_t>(i)].item<bool>()) continue;
    std::ostringstream text;
    text << "parameter '" << names[i] << "' differs between ranks in name, shape, type or layout (here "
         << parameters[i].sizes() << "): give all ranks the same configuration";
    throw Error(text.str());
  }
}

std::unique_ptr<c10d::Reducer> make_reducer(const std::vector<at::Tensor>& parameters,
                                            const std::vector<std::string>& names, const ProcessGroupPtr& group,
                                            const ReducerOptions& options) {
  auto buckets = std::get<0>(
      c10d::compute_bucket_assignment_by_size(parameters, {options.first_bucket_bytes, options.bucket_bytes}));
  std::reverse(buckets.begin(), buckets.end());
  std::unordered_map<std::size_t, std::string> names_by_index;
  for (std::size_t i = 0; i < names.size(); ++i) names_by_index[i] = names[i];
  const std::vector<bool> expect_sparse(parameters.size(), false);
  auto reducer = std::make_unique<c10d::Reducer>(
      parameters, std::move(buckets), group, expect_sparse, static_cast<std::int64_t>(options.bucket_bytes),
      /*find_unused_parameters=*/false, /*gradient_as_bucket_view=*/true, std::move(names_by_index),
      static_cast<std::int64_t>(options.first_bucket_bytes), /*skip_all_reduce_unused_params=*/false,
      /*use_python_reducer=*/false, std::vector<std::int64_t>{});
  reducer->register_comm_hook(std::make_unique<SumHook>(group));
  return reducer;
}

}  // namespace

GradientReducer::GradientReducer(std::vector<at::Tensor> parameters, std::vector<std::string> names,
                                 ProcessGroupPtr group, const ReducerOptions& options)
    : group_(std::move(group)) {
  if (names.size() != parameters.size()) {
    throw Error("GradientReducer was given " + std::to_string(parameters.size()) + " parameters and " +
                std::to_string(names.size()) + " names: give a name for each");
  }
  std::vector<std::string> kept_names;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (!parameters[i].requires_grad()) continue;
    parameters_.push_back(std::move(parameters[i]));
    kept_names.push_back(std::move(names[i]));
  }
  if (!group_ || parameters_.empty()) return;
  check_same_on_all_ranks(group_, parameters_, kept_names);
  Collectives(group_).broadcast(parameters_);
  reducer_ = make_reducer(parameters_, kept_names, group_, options);
}

GradientReducer::~GradientReducer() = default;

void GradientReducer::refuse_old_sums() const {
  if (holds_sums_) {
    throw Error(
        "gradients of the last step are still there (ranks would add to sums over ranks): call zero_grad() first");
  }
}

void GradientReducer::zero_grad() {
  holds_sums_ = false;
  for (at::Tensor& parameter : parameters_) parameter.mutable_grad().reset();
}

void GradientReducer::backward(const at::Tensor& loss) {
  refuse_old_sums();
  if (reducer_) {
    note_collective();
    reducer_->rebuild_buckets();
    reducer_->prepare_for_backward({});
  }
  if (!parameters_.empty()) link_parameters(loss, parameters_).backward();
  enter_step_part(StepPart::kBackward);
  fill_missing_gradients();
  holds_sums_ = true;
}

void GradientReducer::accumulate(const at::Tensor& loss) {
  refuse_old_sums();
  if (loss.requires_grad()) loss.backward();
}

void GradientReducer::fill_missing_gradients() {
  for (at::Tensor& parameter : parameters_) {
    if (!parameter.grad().defined()) parameter.mutable_grad() = at::zeros_like(parameter);
  }
}

}  // namespace retime
