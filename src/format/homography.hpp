#pragma once

#include <array>

namespace retime {

/// A 3x3 matrix between planes, row-major. Pixel coordinates are x to the right, y down, pixel centres at integers.
using Homography = std::array<double, 9>;

constexpr Homography kIdentityHomography = {1, 0, 0, 0, 1, 0, 0, 0, 1};

struct PlanePoint {
  double x = 0;
  double y = 0;
};

/// The map that applies `second` after `first`.
Homography product(const Homography& second, const Homography& first);

double determinant(const Homography& h);

/// Throws Error if the matrix cannot be inverted.
Homography inverse(const Homography& h);

/// Where a point goes.
PlanePoint project(const Homography& h, PlanePoint point);

/// The same map between pictures that are `scale_x`, `scale_y` times as large (the corners of pictures coincide, so
/// that pixel x lies at scale * (x + 0.5) - 0.5).
Homography in_scaled_pixels(const Homography& h, double scale_x, double scale_y);

}  // namespace retime
