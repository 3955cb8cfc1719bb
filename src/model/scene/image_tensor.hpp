#pragma once

#include <vector>

#include "dist/torch.hpp"
#include "format/image.hpp"

namespace retime {

/// The pixels of an image as [C, H, W] uint8 on the host: a view, which the image has to outlive.
torch::Tensor channels_first(const Image& image);

/// `levels` [C, H, W], 0 to 255, rounded and cut off there.
Image to_image(const torch::Tensor& levels);

/// Small tensors of the host (of any types and shapes, contiguous) on `device`, where they come in one copy that nobody
/// waits for: from pinned memory to a GPU. On the CPU they are the tensors themselves. Undefined ones stay so.
std::vector<torch::Tensor> upload(const std::vector<torch::Tensor>& tensors, torch::Device device);

}  // namespace retime
