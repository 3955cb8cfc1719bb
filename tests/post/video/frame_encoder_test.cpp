#include "post/video/frame_encoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace retime {
namespace {

/// The planes of a picture, each value without a gap.
struct Planes {
  explicit Planes(const Image& rgb) : y(rgb.size.area()), cb(rgb.size.area() / 4), cr(rgb.size.area() / 4) {
    const int width = rgb.size.width;
    AVFrame frame{};
    frame.data[0] = y.data(), frame.data[1] = cb.data(), frame.data[2] = cr.data();
    frame.linesize[0] = width, frame.linesize[1] = frame.linesize[2] = width / 2;
    Yuv420Converter{rgb.size}(rgb, frame);
  }
  std::vector<std::uint8_t> y, cb, cr;
};

double luma(const std::uint8_t* p) { return 0.2126 * p[0] + 0.7152 * p[1] + 0.0722 * p[2]; }

TEST(Yuv420, KnownColoursOfBt709) {
  struct Known {
    std::uint8_t r, g, b, y, cb, cr;
  };
  for (const Known& known :
       {Known{0, 0, 0, 16, 128, 128}, Known{255, 255, 255, 235, 128, 128}, Known{255, 0, 0, 63, 102, 240},
        Known{0, 255, 0, 173, 42, 26}, Known{0, 0, 255, 32, 240, 118}}) {
    Image rgb({4, 2}, 3);
    for (std::size_t i = 0; i < rgb.pixels.size(); i += 3) {
      rgb.pixels[i] = known.r;
      rgb.pixels[i + 1] = known.g;
      rgb.pixels[i + 2] = known.b;
    }
    const Planes planes(rgb);
    EXPECT_EQ(planes.y[5], known.y);
    EXPECT_EQ(planes.cb[1], known.cb);
    EXPECT_EQ(planes.cr[1], known.cr);
  }
}

TEST(Yuv420, RandomPictureIsWithinHalfALevelOfTheExactValues) {
  Image rgb({16, 6}, 3);
  std::mt19937 random(7);
  for (auto& value : rgb.pixels) value = static_cast<std::uint8_t>(random());
  const Planes planes(rgb);
  const auto difference = [&](int x, int y, int channel) {
    const std::uint8_t* p = rgb.row(y) + 3 * std::max(x, 0);
    return channel == 2 ? (p[2] - luma(p)) / 1.8556 : (p[0] - luma(p)) / 1.5748;
  };
  for (int y = 0; y < 6; ++y)
    for (int x = 0; x < 16; ++x) EXPECT_NEAR(planes.y[y * 16 + x], 16 + luma(rgb.row(y) + 3 * x) * 219 / 255, 0.501);
  for (int y = 0; y < 3; ++y)
    for (int x = 0; x < 8; ++x)
      for (const int channel : {0, 2}) {
        double sum = 0;
        for (const int row : {2 * y, 2 * y + 1})
          sum += difference(2 * x - 1, row, channel) + 2 * difference(2 * x, row, channel) +
                 difference(2 * x + 1, row, channel);
        const auto& plane = channel == 2 ? planes.cb : planes.cr;
        EXPECT_NEAR(plane[y * 8 + x], 128 + sum / 8 * 224 / 255, 0.501);
      }
}

}  // namespace
}  // namespace retime
