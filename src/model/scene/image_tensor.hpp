#pragma once

#include "dist/torch.hpp"
#include "format/image.hpp"

namespace retime {

/// The pixels of an image as [C, H, W] uint8 on the host: a view, which the image has to outlive.
torch::Tensor channels_first(const Image& image);

/// `levels` [C, H, W], 0 to 255, rounded and cut off there.
Image to_image(const torch::Tensor& levels);

}  // namespace retime
