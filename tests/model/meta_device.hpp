#pragma once

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/record_function.h>
#include <torch/library.h>

#include <atomic>
#include <vector>

#include "dist/torch.hpp"

// Computing on the meta device, whose tensors have shapes but no values: whatever reads a value back, takes a pointer
// or mixes devices throws.
namespace retime::test {

inline torch::Tensor zeros_for(const torch::Tensor& tensor) {
  if (!tensor.defined()) return tensor;
  TORCH_CHECK(tensor.is_meta(), "an operator got a tensor of the host beside others of the device");
  return torch::zeros(tensor.sizes(), tensor.options().device(torch::kCPU));
}

inline c10::IValue zeros_for(const c10::IValue& value) {
  if (value.isTensor()) return zeros_for(value.toTensor());
  if (!value.isTensorList()) return value;
  c10::List<torch::Tensor> list;
  for (const torch::Tensor& tensor : value.toTensorVector()) list.push_back(zeros_for(tensor));
  return list;
}

/// Runs an operator that has no kernel for the meta device on zeros of the host, for the shapes of its results. A
/// tensor that it writes to takes the shape that it got.
inline void run_on_zeros(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  const auto& arguments = op.schema().arguments();
  const auto first = stack->size() - arguments.size();
  std::vector<torch::Tensor> written;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    auto& value = (*stack)[first + i];
    const auto* alias = arguments[i].alias_info();
    if (alias != nullptr && alias->isWrite() && value.isTensor()) written.push_back(value.toTensor());
    value = zeros_for(value);
  }
  op.callBoxed(stack);
  for (std::size_t i = first; i < stack->size(); ++i) {
    auto& value = (*stack)[i];
    if (!value.isTensor() || !value.toTensor().defined()) continue;
    if (i - first < written.size()) {
      written[i - first].resize_(value.toTensor().sizes());
      value = written[i - first];
    } else {
      value = torch::empty_like(value.toTensor(), torch::kMeta);
    }
  }
}

TORCH_LIBRARY_IMPL(aten, Meta, library) {
  for (const char* name : {"convolution",
                           "convolution_backward",
                           "grid_sampler_2d",
                           "grid_sampler_2d_backward",
                           "native_group_norm",
                           "native_group_norm_backward",
                           "native_batch_norm",
                           "native_batch_norm_backward",
                           "index_select",
                           "where.self",
                           "relu",
                           "logit",
                           "abs",
                           "logical_and.out",
                           "logical_and",
                           "logical_or",
                           "logical_not",
                           "replication_pad2d_backward",
                           "_adaptive_avg_pool2d",
                           "_adaptive_avg_pool2d_backward",
                           "_amp_foreach_non_finite_check_and_unscale_",
                           "_fused_adam_"})
    library.impl(name, torch::CppFunction::makeFromBoxedFunction<&run_on_zeros>());
}

/// While one lives, counts copies from the host to the meta device.
class UploadCount {
 public:
  UploadCount() {
    count_ = 0;
    handle_ =
        at::addGlobalCallback(at::RecordFunctionCallback(note).needsInputs(true).scopes({at::RecordScope::FUNCTION}));
  }
  ~UploadCount() { at::removeCallback(handle_); }
  UploadCount(const UploadCount&) = delete;
  UploadCount& operator=(const UploadCount&) = delete;
  int count() const { return count_; }

 private:
  static std::unique_ptr<at::ObserverContext> note(const at::RecordFunction& function) {
    if (std::string(function.name()) != "aten::copy_" || function.inputs().size() < 2) return nullptr;
    const auto &to = function.inputs()[0], &from = function.inputs()[1];
    if (to.isTensor() && from.isTensor() && to.toTensor().is_meta() && from.toTensor().is_cpu()) ++count_;
    return nullptr;
  }

  static inline std::atomic<int> count_;
  at::CallbackHandle handle_;
};

}  // namespace retime::test
