#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include "core/error.hpp"
#include "post/score/metrics.hpp"

namespace retime {
namespace {

constexpr int kWindow = 11;
constexpr double kSigma = 1.5;
constexpr double kC1 = 0.01 * 255 * 0.01 * 255;
constexpr double kC2 = 0.03 * 255 * 0.03 * 255;

using Plane = std::vector<float>;

std::array<float, kWindow> gaussian() {
  std::array<float, kWindow> weights{};
  for (int i = 0; i < kWindow; ++i) {
    const double x = i - kWindow / 2;
    weights[static_cast<std::size_t>(i)] = static_cast<float>(std::exp(-x * x / (2 * kSigma * kSigma)));
  }
  const float sum = std::accumulate(weights.begin(), weights.end(), 0.0F);
  for (float& weight : weights) weight /= sum;
  return weights;
}

Plane luma(const Image& rgb) {
  Plane plane(rgb.size.area());
  for (std::size_t i = 0; i < plane.size(); ++i)
    plane[i] = 0.299F * rgb.pixels[3 * i] + 0.587F * rgb.pixels[3 * i + 1] + 0.114F * rgb.pixels[3 * i + 2];
  return plane;
}

Plane product(const Plane& a, const Plane& b) {
  Plane plane(a.size());
  for (std::size_t i = 0; i < plane.size(); ++i) plane[i] = a[i] * b[i];
  return plane;
}

// Weighted mean of each window that lies inside: [H - 10, W - 10].
Plane windowed(const Plane& plane, Size size) {
  static const auto weights = gaussian();
  const auto width = static_cast<std::size_t>(size.width), height = static_cast<std::size_t>(size.height);
  const std::size_t columns = width - kWindow + 1, rows = height - kWindow + 1;
  Plane across(columns * height, 0.0F), result(columns * rows, 0.0F);
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t k = 0; k < kWindow; ++k)
      for (std::size_t x = 0; x < columns; ++x) across[y * columns + x] += weights[k] * plane[y * width + x + k];
  for (std::size_t y = 0; y < rows; ++y)
    for (std::size_t k = 0; k < kWindow; ++k)
      for (std::size_t x = 0; x < columns; ++x) result[y * columns + x] += weights[k] * across[(y + k) * columns + x];
  return result;
}

}  // namespace

double ssim(const Image& a, const Image& b) {
  if (a.size != b.size || a.channels != 3 || b.channels != 3 || std::min(a.size.width, a.size.height) < kWindow)
    throw Error("no structural similarity of pictures of " + size_text(a.size) + " and " + size_text(b.size) +
                " (its window is 11x11): give RGB pictures of one size that hold the window");
  const Plane x = luma(a), y = luma(b);
  const Plane mean_x = windowed(x, a.size), mean_y = windowed(y, a.size);
  const Plane xx = windowed(product(x, x), a.size), yy = windowed(product(y, y), a.size);
  const Plane xy = windowed(product(x, y), a.size);
  double sum = 0;
  for (std::size_t i = 0; i < xx.size(); ++i) {
    const double mx = mean_x[i], my = mean_y[i];
    const double vx = xx[i] - mx * mx, vy = yy[i] - my * my, covariance = xy[i] - mx * my;
    sum += (2 * mx * my + kC1) * (2 * covariance + kC2) / ((mx * mx + my * my + kC1) * (vx + vy + kC2));
  }
  return sum / static_cast<double>(xx.size());
}

}  // namespace retime
