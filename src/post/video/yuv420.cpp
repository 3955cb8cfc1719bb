#include "post/video/yuv420.hpp"

#include <vector>

namespace retime {
namespace {

constexpr float kRed = 0.2126F;
constexpr float kGreen = 0.7152F;
constexpr float kBlue = 0.0722F;
constexpr float kLumaScale = 219.0F / 255.0F;
constexpr float kCbScale = 224.0F / 255.0F / (2.0F * (1.0F - kBlue));
constexpr float kCrScale = 224.0F / 255.0F / (2.0F * (1.0F - kRed));
constexpr int kRgb = 3;

std::uint8_t rounded(float value) { return static_cast<std::uint8_t>(static_cast<int>(value + 0.5F)); }

/// B - Y and R - Y of a pair of rows, averaged, scaled to chroma levels.
struct ColourDifference {
  std::vector<float> cb, cr;
};

void convert_luma(const std::uint8_t* __restrict rgb, int width, std::uint8_t* __restrict luma,
                  ColourDifference& chroma) {
  float* __restrict cb = chroma.cb.data();
  float* __restrict cr = chroma.cr.data();
  for (int x = 0; x < width; ++x) {
    const float r = rgb[kRgb * x];
    const float b = rgb[kRgb * x + 2];
    const float y = kRed * r + kGreen * rgb[kRgb * x + 1] + kBlue * b;
    luma[x] = rounded(16.0F + kLumaScale * y);
    cb[x] += 0.5F * kCbScale * (b - y);
    cr[x] += 0.5F * kCrScale * (r - y);
  }
}

/// Every second value of `row`, filtered by 1/4 1/2 1/4, around 128.
void subsample(const std::vector<float>& row, std::uint8_t* chroma) {
  const std::size_t half = row.size() / 2;
  chroma[0] = rounded(128.0F + 0.75F * row[0] + 0.25F * row[1]);
  for (std::size_t x = 1; x < half; ++x)
    chroma[x] = rounded(128.0F + 0.25F * row[2 * x - 1] + 0.5F * row[2 * x] + 0.25F * row[2 * x + 1]);
}

}  // namespace

void rgb_to_yuv420(const Image& rgb, const Yuv420& yuv) {
  const auto width = static_cast<std::size_t>(rgb.size.width);
  ColourDifference chroma;
  for (int y = 0; y < rgb.size.height; ++y) {
    if (y % 2 == 0) {
      chroma.cb.assign(width, 0.0F);
      chroma.cr.assign(width, 0.0F);
    }
    convert_luma(rgb.row(y), rgb.size.width, yuv.y + static_cast<std::ptrdiff_t>(y) * yuv.y_stride, chroma);
    if (y % 2 == 0) continue;
    subsample(chroma.cb, yuv.cb + static_cast<std::ptrdiff_t>(y / 2) * yuv.cb_stride);
    subsample(chroma.cr, yuv.cr + static_cast<std::ptrdiff_t>(y / 2) * yuv.cr_stride);
  }
}

}  // namespace retime
