#pragma once

#include <string>

#include "dist/torch.hpp"
#include "model/config/render_options.hpp"

namespace retime {

/// Layers of one frame, rounded to 8 bits.
struct DetailedLayers {
  torch::Tensor colors;  ///< [N + 1, 3, H, W], background first
  torch::Tensor alphas;  ///< [N, 1, H, W], back to front
};

/// Layers of one frame with detail handed to them as `kind` says, rounded to 8 bits. `frame` is [3, H, W], `background`
/// [3, H, W], `layers` [N, 4, H, W] back to front; all values in [0, 1].
DetailedLayers detailed_layers(DetailTransfer kind, const torch::Tensor& frame, const torch::Tensor& background,
                               const torch::Tensor& layers);

/// Hands what the layers miss of a frame to the layers ([0064]), such that compositing them gives the frame back.
///
/// The residual r = frame - composite is split over the layers in proportion to their share w of the composite:
/// d_i = p_i w_i r / sum_j p_j w_j^2, the smallest change (weighted by 1 / p) with sum_i w_i d_i = r. The background
/// has a small p, so that where an object is at least partly opaque the object takes the detail and leaves no ghost
/// behind. Where an object's alpha is too small for any of its colours to explain the frame, the alpha is raised to the
/// least that can. (The published form tau_i r is exact only for opaque layers; the released one leaves the background
/// without its detail.)
///
/// `frame` is [3, H, W], `background` [3, H, W], `layers` [N, 4, H, W] back to front; all values in [0, 1].
DetailedLayers transfer_detail(const torch::Tensor& frame, const torch::Tensor& background,
                               const torch::Tensor& layers);

/// Hands to objects what the layers miss of the frame where they are seen, and nothing to the background, which stays
/// as it was given. Alphas are raised as in `transfer_detail`, but not where what is behind is so dark, or so bright,
/// that a few levels would need much alpha. What remains is for a plane beside the layers (FrameResidual); it is below
/// half the range of values, as layers take what is more (`transfer_detail`).
///
/// Shapes and ranges are those of `transfer_detail`.
DetailedLayers transfer_to_objects(const torch::Tensor& frame, const torch::Tensor& background,
                                   const torch::Tensor& layers);

/// Rounds values in [0, 1] to multiples of 1 / 255.
torch::Tensor quantize(const torch::Tensor& values);

}  // namespace retime
