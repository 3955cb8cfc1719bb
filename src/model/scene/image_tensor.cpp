#include "model/scene/image_tensor.hpp"

#include <algorithm>

namespace retime {

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

}  // namespace retime
