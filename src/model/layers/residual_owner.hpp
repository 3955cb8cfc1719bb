#pragma once

#include "dist/torch.hpp"

namespace retime {

/// Whose faint rest the residual of a pixel may be: [H, W] uint8, 0 = nobody's, k + 1 = that of slot k. An object owns
/// what it covers, a rim around that, and what is connected with it, no further than a part of the picture's width,
/// through places where the residual, smoothed, exceeds what it is where nobody is near.
///
/// `residual` is [3, H, W] in levels of 255, `alphas` [N, 1, H, W] back to front.
torch::Tensor owner_slots(const torch::Tensor& residual, const torch::Tensor& alphas);

}  // namespace retime
