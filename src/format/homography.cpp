#include "format/homography.hpp"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <cmath>

#include "core/error.hpp"

namespace retime {
namespace {

using Matrix = Eigen::Matrix<double, 3, 3, Eigen::RowMajor>;

Eigen::Map<const Matrix> matrix(const Homography& h) { return Eigen::Map<const Matrix>(h.data()); }

Homography homography(const Matrix& m) {
  Homography h;
  Eigen::Map<Matrix>(h.data()) = m;
  return h;
}

// Pixels of a picture -> pixels of one that is so many times as large.
Homography enlargement(double scale_x, double scale_y) {
  return {scale_x, 0, (scale_x - 1) / 2, 0, scale_y, (scale_y - 1) / 2, 0, 0, 1};
}

}  // namespace

// Sums go from the first term to the last, here and in `project`: Eigen's own product does not say in which order.
Homography product(const Homography& second, const Homography& first) {
  Matrix result = Matrix::Zero();
  for (int k = 0; k < 3; ++k) result += matrix(second).col(k) * matrix(first).row(k);
  return homography(result);
}

double determinant(const Homography& h) { return matrix(h).determinant(); }

Homography inverse(const Homography& h) {
  const double d = determinant(h);
  if (!std::isfinite(d) || std::abs(d) < 1e-12)
    throw Error(fmt::format("a homography cannot be inverted (its determinant is {:f}): check the camera's motion", d));
  const Eigen::Vector3d a = matrix(h).col(0), b = matrix(h).col(1), c = matrix(h).col(2);
  Matrix adjugate;
  adjugate << b.cross(c).transpose(), c.cross(a).transpose(), a.cross(b).transpose();
  return homography(adjugate / d);
}

PlanePoint project(const Homography& h, PlanePoint point) {
  const auto m = matrix(h);
  const Eigen::Vector3d p = (m.col(0) * point.x + m.col(1) * point.y) + m.col(2);
  return {p.x() / p.z(), p.y() / p.z()};
}

Homography in_scaled_pixels(const Homography& h, double scale_x, double scale_y) {
  return product(enlargement(scale_x, scale_y), product(h, inverse(enlargement(scale_x, scale_y))));
}

}  // namespace retime
