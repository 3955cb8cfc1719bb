#include "model/scene/tiles.hpp"

#include <torch/nn/functional/upsampling.h>

#include <algorithm>

namespace F = torch::nn::functional;

namespace retime {
namespace {

int ceil_div(int a, int b) { return (a + b - 1) / b; }

}  // namespace

Window whole(Size picture) { return {0, 0, picture.width, picture.height}; }

Window scaled(const Window& window, int factor) {
  return {window.left * factor, window.top * factor, window.right * factor, window.bottom * factor};
}

Window grown(const Window& window, int by, Size picture) {
  return {std::max(0, window.left - by), std::max(0, window.top - by), std::min(picture.width, window.right + by),
          std::min(picture.height, window.bottom + by)};
}

Window inner(const Window& window, int radius, Size picture) {
  return {window.left > 0 ? window.left + radius : 0, window.top > 0 ? window.top + radius : 0,
          window.right < picture.width ? window.right - radius : picture.width,
          window.bottom < picture.height ? window.bottom - radius : picture.height};
}

Window padded(const Window& window, int by, Size picture) {
  const auto place = [by](int first, int last, int end, int& out_first, int& out_last) {
    const int length = std::min(end, last - first + 2 * by);
    out_first = std::clamp(first - by, 0, end - length);
    out_last = out_first + length;
  };
  Window result;
  place(window.left, window.right, picture.width, result.left, result.right);
  place(window.top, window.bottom, picture.height, result.top, result.bottom);
  return result;
}

std::vector<Window> tiles_of(Size picture, int side) {
  std::vector<Window> tiles;
  for (int top = 0; top < picture.height; top += side)
    for (int left = 0; left < picture.width; left += side)
      tiles.push_back({left, top, std::min(left + side, picture.width), std::min(top + side, picture.height)});
  return tiles;
}

torch::Tensor cut(const Patch& patch, const Window& window) {
  const auto top = window.top - patch.window.top, left = window.left - patch.window.left;
  TORCH_CHECK(top >= 0 && left >= 0 && window.right <= patch.window.right && window.bottom <= patch.window.bottom,
              "a window reaches out of its patch");
  return patch.pixels.slice(2, top, top + window.height()).slice(3, left, left + window.width());
}

torch::Tensor enlarge(const Patch& patch, Size picture, int factor, const Window& window) {
  const Window source = grown(
      {window.left / factor, window.top / factor, ceil_div(window.right, factor), ceil_div(window.bottom, factor)}, 1,
      picture);
  const auto size = std::vector<std::int64_t>{source.height() * factor, source.width() * factor};
  const auto large = F::interpolate(cut(patch, source),
                                    F::InterpolateFuncOptions().size(size).mode(torch::kBilinear).align_corners(false));
  return cut({large, scaled(source, factor)}, window);
}

torch::Tensor enlarge_layers(const Patch& patch, Size picture, int factor, const Window& window) {
  const auto alpha = patch.pixels.slice(1, 3, 4);
  const auto premultiplied = torch::cat({(patch.pixels.slice(1, 0, 3) + 1) / 2 * alpha, alpha}, 1);
  const auto large = enlarge({premultiplied, patch.window}, picture, factor, window);
  const auto large_alpha = large.slice(1, 3, 4);
  return torch::cat({large.slice(1, 0, 3) / large_alpha.clamp_min(1e-4) * 2 - 1, large_alpha}, 1);
}

}  // namespace retime
