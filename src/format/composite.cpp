#include "format/composite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/parallel_rows.hpp"

namespace retime {
namespace {

constexpr int kRgba = 4;
constexpr int kRgb = 3;

/// The pixels of a row between the first and the last that are not fully transparent, [begin, end).
struct Extent {
  int begin = 0;
  int end = 0;
};

Extent opaque_extent(const std::uint8_t* rgba, int width) {
  int end = width;
  while (end > 0 && rgba[kRgba * end - 1] == 0) --end;
  int begin = 0;
  while (begin < end && rgba[kRgba * begin + 3] == 0) ++begin;
  return {begin, end};
}

/// One row of the result under way, a plane per channel.
class RowAccumulator {
 public:
  explicit RowAccumulator(int width) : width_(static_cast<std::size_t>(width)), planes_(kRgb * width_) {}

  void clear() { std::fill(planes_.begin(), planes_.end(), 0.0F); }

  void over(const std::uint8_t* rgba, Extent extent, float opacity) {
    float* __restrict r = planes_.data();
    float* __restrict g = r + width_;
    float* __restrict b = g + width_;
    const float scale = opacity / 255.0F;
    for (int x = extent.begin; x < extent.end; ++x) {
      const float a = scale * rgba[kRgba * x + 3];
      r[x] += a * (rgba[kRgba * x] - r[x]);
      g[x] += a * (rgba[kRgba * x + 1] - g[x]);
      b[x] += a * (rgba[kRgba * x + 2] - b[x]);
    }
  }

  void store(std::uint8_t* __restrict rgb) const {
    const float* r = planes_.data();
    const float* g = r + width_;
    const float* b = g + width_;
    for (std::size_t x = 0; x < width_; ++x) {
      rgb[kRgb * x] = static_cast<std::uint8_t>(static_cast<int>(r[x] + 0.5F));
      rgb[kRgb * x + 1] = static_cast<std::uint8_t>(static_cast<int>(g[x] + 0.5F));
      rgb[kRgb * x + 2] = static_cast<std::uint8_t>(static_cast<int>(b[x] + 0.5F));
    }
  }

 private:
  std::size_t width_;
  std::vector<float> planes_;
};

void composite_rows(std::span<const CompositeLayer> layers, Image& rgb, int begin, int end) {
  RowAccumulator row(rgb.size.width);
  for (int y = begin; y < end; ++y) {
    row.clear();
    for (const CompositeLayer& layer : layers) {
      const std::uint8_t* source = layer.rgba->row(y);
      const Extent extent = opaque_extent(source, rgb.size.width);
      if (extent.begin < extent.end) row.over(source, extent, layer.opacity);
    }
    row.store(rgb.row(y));
  }
}

void check_layers(std::span<const CompositeLayer> layers, Size size) {
  for (const CompositeLayer& layer : layers)
    if (layer.rgba->size != size || layer.rgba->channels != kRgba)
      throw Error(
          fmt::format("a layer does not fit (it is {} with {} channels, the output {} RGBA): render all layers at one "
                      "size",
                      size_text(layer.rgba->size), layer.rgba->channels, size_text(size)));
}

}  // namespace

void composite(std::span<const CompositeLayer> layers, Size size, Image& rgb, int threads) {
  check_layers(layers, size);
  if (rgb.size != size || rgb.channels != kRgb) rgb = Image(size, kRgb);
  parallel_rows(size.height, threads, [&](int begin, int end) { composite_rows(layers, rgb, begin, end); });
}

void residual_of(const Image& frame, std::span<const CompositeLayer> layers, FrameResidual& residual) {
  Image rgb;
  composite(layers, frame.size, rgb, 1);
  residual.values.resize(rgb.pixels.size());
  for (std::size_t i = 0; i < rgb.pixels.size(); ++i)
    residual.values[i] = static_cast<std::int8_t>(static_cast<std::uint8_t>(frame.pixels[i] - rgb.pixels[i]));
}

Image blend_premultiplied(const Image& a, const Image& b, double weight) {
  Image result(a.size, kRgba);
  const auto wb = static_cast<float>(weight);
  const float wa = 1.0F - wb;
  for (std::size_t i = 0; i < result.pixels.size(); i += kRgba) {
    const float alpha_a = wa * a.pixels[i + 3];
    const float alpha_b = wb * b.pixels[i + 3];
    const float alpha = alpha_a + alpha_b;
    const float scale = alpha > 0 ? 1.0F / alpha : 0.0F;
    for (std::size_t c = 0; c < kRgb; ++c)
      result.pixels[i + c] =
          static_cast<std::uint8_t>((alpha_a * a.pixels[i + c] + alpha_b * b.pixels[i + c]) * scale + 0.5F);
    result.pixels[i + 3] = static_cast<std::uint8_t>(alpha + 0.5F);
  }
  return result;
}

}  // namespace retime
