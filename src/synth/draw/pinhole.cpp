#include "synth/draw/pinhole.hpp"

namespace retime::synth {

Axes camera_axes(double pan, double tilt, double roll) {
  const Vec3 up{0, 1, 0};
  Axes axes;
  axes.right = turned(axes.right, up, pan);
  axes.forward = turned(axes.forward, up, pan);
  axes.forward = turned(axes.forward, axes.right, tilt);
  axes.down = turned(axes.down, axes.right, tilt);
  axes.right = turned(axes.right, axes.forward, roll);
  axes.down = turned(axes.down, axes.forward, roll);
  return axes;
}

Pinhole Pinhole::windowed(double left_edge, double top_edge, double scale, Size new_size) const {
  Pinhole result = *this;
  result.focal = focal * scale;
  result.cu = scale * (cu + 0.5 - left_edge) - 0.5;
  result.cv = scale * (cv + 0.5 - top_edge) - 0.5;
  result.size = new_size;
  return result;
}

Pinhole looking_at(Vec3 position, Vec3 target, double radius, Size size) {
  Pinhole camera;
  camera.position = position;
  const Vec3 way = target - position;
  camera.axes.forward = normalized(way);
  const Vec3 side = std::abs(camera.axes.forward.y) > 0.99 ? Vec3{1, 0, 0} : Vec3{0, 1, 0};
  camera.axes.right = normalized(cross(side, camera.axes.forward));
  camera.axes.down = cross(camera.axes.right, camera.axes.forward);
  camera.size = size;
  const double distance = std::max(norm(way), 1.01 * radius);
  const double half_angle_tangent = radius / std::sqrt(distance * distance - radius * radius);
  camera.focal = 0.5 * std::min(size.width, size.height) / half_angle_tangent;
  camera.cu = 0.5 * (size.width - 1);
  camera.cv = 0.5 * (size.height - 1);
  return camera;
}

std::array<double, 9> homography_between(const Pinhole& a, const Pinhole& b) {
  const Vec3 from[3] = {a.axes.right * (1 / a.focal), a.axes.down * (1 / a.focal),
                        a.axes.forward - a.axes.right * (a.cu / a.focal) - a.axes.down * (a.cv / a.focal)};
  const Vec3 to[3] = {b.axes.right * b.focal + b.axes.forward * b.cu, b.axes.down * b.focal + b.axes.forward * b.cv,
                      b.axes.forward};
  std::array<double, 9> h{};
  for (std::size_t row = 0; row < 3; ++row)
    for (std::size_t column = 0; column < 3; ++column) h[3 * row + column] = dot(to[row], from[column]);
  const double last = h[8];
  for (auto& value : h) value /= last;
  return h;
}

}  // namespace retime::synth
