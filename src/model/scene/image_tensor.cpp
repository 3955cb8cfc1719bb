#include "model/scene/image_tensor.hpp"

#include <algorithm>
#include <cstring>

namespace retime {
namespace {

constexpr std::int64_t kAlignment = 16;  // bytes: any type may be viewed there

std::int64_t room(const torch::Tensor& tensor) {
  if (!tensor.defined()) return 0;
  return (static_cast<std::int64_t>(tensor.nbytes()) + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace

torch::Tensor channels_first(const Image& image) {
  const auto pixels = const_cast<std::uint8_t*>(image.pixels.data());  // which nobody writes to
  return torch::from_blob(pixels, {image.size.height, image.size.width, image.channels}, torch::kUInt8)
      .permute({2, 0, 1});
}

Image to_image(const torch::Tensor& levels) {
  const auto pixels = levels.round().clamp(0, 255).to(torch::kUInt8).permute({1, 2, 0}).contiguous().cpu();
  Image image({static_cast<int>(pixels.size(1)), static_cast<int>(pixels.size(0))}, static_cast<int>(pixels.size(2)));
  std::copy_n(pixels.data_ptr<std::uint8_t>(), image.pixels.size(), image.pixels.begin());
  return image;
}

std::vector<torch::Tensor> upload(const std::vector<torch::Tensor>& tensors, torch::Device device) {
  if (device.is_cpu()) return tensors;
  std::int64_t bytes = 0;
  for (const auto& tensor : tensors) bytes += room(tensor);
  const auto host = torch::zeros({bytes}, torch::TensorOptions(torch::kUInt8).pinned_memory(device.is_cuda()));
  std::int64_t place = 0;
  for (const auto& tensor : tensors) {
    if (room(tensor) > 0) std::memcpy(host.data_ptr<std::uint8_t>() + place, tensor.data_ptr(), tensor.nbytes());
    place += room(tensor);
  }
  const auto there = host.to(device, /*non_blocking=*/true);
  std::vector<torch::Tensor> result;
  place = 0;
  for (const auto& tensor : tensors) {
    result.push_back(!tensor.defined() ? tensor
                                       : there.slice(0, place, place + static_cast<std::int64_t>(tensor.nbytes()))
                                             .view(tensor.scalar_type())
                                             .view(tensor.sizes()));
    place += room(tensor);
  }
  return result;
}

}  // namespace retime
