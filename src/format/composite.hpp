#pragma once

#include <span>

#include "format/frame_residual.hpp"
#include "format/image.hpp"

namespace retime {

/// A layer to lay over others: `rgba` [H, W, 4], straight alpha, and a factor on its alpha in [0, 1].
struct CompositeLayer {
  const Image* rgba = nullptr;
  float opacity = 1;
};

/// Lays `layers` over black, back to front, into `rgb` [size, 3]: C <- a c + (1 - a) C, in float, rounded once at the
/// end. Rows and row ends that are fully transparent cost nothing. Throws Error if a layer has another size.
void composite(std::span<const CompositeLayer> layers, Size size, Image& rgb, int threads = 2);

/// What `layers`, laid over each other as `composite` does it, miss of `frame` [H, W, 3]: into `residual.values`,
/// modulo 256 (see FrameResidual). Throws as `composite` does.
void residual_of(const Image& frame, std::span<const CompositeLayer> layers, FrameResidual& residual);

/// The layer between `a` and `b` [H, W, 4], `weight` of `b` in [0, 1]: linear in premultiplied colour, straight alpha
/// in and out.
Image blend_premultiplied(const Image& a, const Image& b, double weight);

}  // namespace retime
