#pragma once

#include <vector>

#include "dist/torch.hpp"
#include "format/image.hpp"

namespace retime {

/// A rectangle of pixels: columns [left, right), rows [top, bottom).
struct Window {
  int left = 0, top = 0, right = 0, bottom = 0;

  int width() const { return right - left; }
  int height() const { return bottom - top; }
  bool operator==(const Window&) const = default;
};

/// Part of a larger picture.
struct Patch {
  torch::Tensor pixels;  ///< [B, C, h, w]
  Window window;         ///< where it lies in the picture
};

Window whole(Size picture);
Window scaled(const Window& window, int factor);
/// `by` pixels more on every side, as far as the picture goes.
Window grown(const Window& window, int by, Size picture);
/// The pixels of `window` whose surroundings of `radius` pixels are all in it or outside the picture: those that a
/// network of that radius computes from `window` as it does from the whole picture.
Window inner(const Window& window, int radius, Size picture);
/// A window of fixed size, `by` pixels more on every side, moved into the picture: holds `grown(window, by, picture)`.
Window padded(const Window& window, int by, Size picture);
/// Tiles of at most `side` pixels that cover a picture, row by row.
std::vector<Window> tiles_of(Size picture, int side);

/// The pixels of `window`, which the patch must hold. A view.
torch::Tensor cut(const Patch& patch, const Window& window);

/// Part of the picture `patch` belongs to, of size `picture`, enlarged `factor` times bilinearly (a power of two):
/// the pixels of `window` of the enlarged picture, the same (to rounding) in whatever windows they are computed. The
/// patch must reach one pixel beyond the window on every side, where the picture does.
torch::Tensor enlarge(const Patch& patch, Size picture, int factor, const Window& window);

/// The same for layers, colour in [-1, 1] and alpha in [0, 1]: colours of transparent pixels mean nothing, so colours
/// are interpolated premultiplied.
torch::Tensor enlarge_layers(const Patch& patch, Size picture, int factor, const Window& window);

}  // namespace retime
