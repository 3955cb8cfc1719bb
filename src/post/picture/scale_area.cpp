#include "post/picture/scale_area.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace retime {
namespace {

/// A source pixel and its share of a target pixel.
struct Tap {
  int index;
  float weight;
};

/// For each of `to` target pixels the source pixels (of `from`) under it; the weights sum to 1.
std::vector<std::vector<Tap>> area_taps(int from, int to) {
  const double step = static_cast<double>(from) / to;
  std::vector<std::vector<Tap>> taps(static_cast<std::size_t>(to));
  for (int target = 0; target < to; ++target) {
    const double begin = target * step;
    const double end = begin + step;
    for (int i = static_cast<int>(begin); i < std::min(from, static_cast<int>(std::ceil(end))); ++i) {
      const double covered = std::min(end, i + 1.0) - std::max(begin, static_cast<double>(i));
      if (covered > 0) taps[static_cast<std::size_t>(target)].push_back({i, static_cast<float>(covered / step)});
    }
  }
  return taps;
}

/// Adds the row `y` of `image`, colours premultiplied if it has alpha, scaled in width, times `weight`.
void add_row(const Image& image, int y, float weight, const std::vector<std::vector<Tap>>& taps, float* sums) {
  const int channels = image.channels;
  const std::uint8_t* row = image.row(y);
  for (const auto& target : taps) {
    for (const Tap& tap : target) {
      const std::uint8_t* pixel = row + tap.index * channels;
      const float share = weight * tap.weight;
      const float colour = channels == 4 ? share * pixel[3] / 255.0F : share;
      for (int c = 0; c < channels; ++c) sums[c] += (c == 3 ? share : colour) * pixel[c];
    }
    sums += channels;
  }
}

void store_row(const std::vector<float>& sums, int channels, std::uint8_t* row) {
  for (std::size_t i = 0; i < sums.size(); ++i) {
    float value = sums[i];
    if (channels == 4 && i % 4 != 3) {
      const float alpha = sums[i - i % 4 + 3];
      value = alpha > 0 ? value * 255.0F / alpha : 0.0F;
    }
    row[i] = static_cast<std::uint8_t>(std::min(value + 0.5F, 255.0F));
  }
}

}  // namespace

Image scale_area(const Image& image, Size size) {
  if (image.size == size) return image;
  const auto columns = area_taps(image.size.width, size.width);
  const auto rows = area_taps(image.size.height, size.height);
  Image result(size, image.channels);
  std::vector<float> sums(result.stride());
  for (int y = 0; y < size.height; ++y) {
    std::fill(sums.begin(), sums.end(), 0.0F);
    for (const Tap& tap : rows[static_cast<std::size_t>(y)])
      add_row(image, tap.index, tap.weight, columns, sums.data());
    store_row(sums, image.channels, result.row(y));
  }
  return result;
}

}  // namespace retime
