#pragma once

#include <map>
#include <string>
#include <vector>

#include "dist/torch.hpp"
#include "format/checkpoint.hpp"

namespace retime {

/// Copies a tensor of any device to an array of a checkpoint.
NamedArray to_array(const std::string& name, const torch::Tensor& tensor);

/// Finds the arrays of a checkpoint by name.
class ArrayIndex {
 public:
  explicit ArrayIndex(const Checkpoint& checkpoint);
  /// Copies the named array into `target`. Throws Error when it is missing or has another shape.
  void copy_to(const std::string& name, torch::Tensor target) const;

 private:
  std::map<std::string, const NamedArray*> arrays_;
};

/// Parameters and buffers of a module as arrays "parameters/..." and "buffers/...".
std::vector<NamedArray> save_module(const torch::nn::Module& module);
/// Throws Error when an array is missing or has another shape.
void load_module(torch::nn::Module& module, const Checkpoint& checkpoint);

}  // namespace retime
