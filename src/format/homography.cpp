#include "format/homography.hpp"

#include <cmath>

#include "core/error.hpp"

namespace retime {
namespace {

// Pixels of a picture -> pixels of one that is so many times as large.
Homography enlargement(double scale_x, double scale_y) {
  return {scale_x, 0, (scale_x - 1) / 2, 0, scale_y, (scale_y - 1) / 2, 0, 0, 1};
}

}  // namespace

Homography product(const Homography& second, const Homography& first) {
  Homography result{};
  for (std::size_t row = 0; row < 3; ++row)
    for (std::size_t column = 0; column < 3; ++column)
      for (std::size_t k = 0; k < 3; ++k) result[3 * row + column] += second[3 * row + k] * first[3 * k + column];
  return result;
}

double determinant(const Homography& h) {
  return h[0] * (h[4] * h[8] - h[5] * h[7]) - h[1] * (h[3] * h[8] - h[5] * h[6]) + h[2] * (h[3] * h[7] - h[4] * h[6]);
}

Homography inverse(const Homography& h) {
  const double d = determinant(h);
  if (!std::isfinite(d) || std::abs(d) < 1e-12)
    throw Error("a homography cannot be inverted (its determinant is " + std::to_string(d) +
                "): check the camera's motion");
  const auto minor = [&](std::size_t a, std::size_t b, std::size_t c, std::size_t e) {
    return (h[a] * h[b] - h[c] * h[e]) / d;
  };
  return {minor(4, 8, 5, 7), minor(2, 7, 1, 8), minor(1, 5, 2, 4), minor(5, 6, 3, 8), minor(0, 8, 2, 6),
          minor(2, 3, 0, 5), minor(3, 7, 4, 6), minor(1, 6, 0, 7), minor(0, 4, 1, 3)};
}

PlanePoint project(const Homography& h, PlanePoint point) {
  const double w = h[6] * point.x + h[7] * point.y + h[8];
  return {(h[0] * point.x + h[1] * point.y + h[2]) / w, (h[3] * point.x + h[4] * point.y + h[5]) / w};
}

Homography in_scaled_pixels(const Homography& h, double scale_x, double scale_y) {
  return product(enlargement(scale_x, scale_y), product(h, inverse(enlargement(scale_x, scale_y))));
}

}  // namespace retime
