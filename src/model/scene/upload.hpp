#pragma once

#include <vector>

#include "dist/torch.hpp"

namespace retime {

/// Small tensors of the host (of any types and shapes, contiguous) on `device`, where they come in one copy that nobody
/// waits for: from pinned memory to a GPU. On the CPU they are the tensors themselves. Undefined ones stay so.
std::vector<torch::Tensor> upload(const std::vector<torch::Tensor>& tensors, torch::Device device);

}  // namespace retime
