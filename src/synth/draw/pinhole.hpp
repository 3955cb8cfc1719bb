#pragma once

#include <array>

#include "format/image.hpp"
#include "synth/draw/vec.hpp"

namespace retime::synth {

/// Unit axes of a camera in the world: to the right, down and forward in its picture.
struct Axes {
  Vec3 right{1, 0, 0}, down{0, -1, 0}, forward{0, 0, 1};
};

/// Axes after a turn to the right (`pan`), down (`tilt`) and about the line of sight (`roll`), radians.
Axes camera_axes(double pan, double tilt, double roll = 0);

/// A point in a picture, pixel centres at integers, and its distance along the line of sight in metres.
struct Projected {
  double u = 0, v = 0, depth = 0;
};

/// A pinhole camera and its pixel grid.
struct Pinhole {
  Vec3 position;
  Axes axes;
  double focal = 1, cu = 0, cv = 0;  ///< pixels
  Size size;

  Projected project(Vec3 world) const {
    const Vec3 d = world - position;
    const double depth = dot(d, axes.forward);
    return {cu + focal * dot(d, axes.right) / depth, cv + focal * dot(d, axes.down) / depth, depth};
  }
  /// Not normalised: its component along the line of sight is 1.
  Vec3 direction(double u, double v) const {
    return axes.forward + axes.right * ((u - cu) / focal) + axes.down * ((v - cv) / focal);
  }
  /// The same camera with another pixel grid: pixel edges e become scale * (e - left_edge).
  Pinhole windowed(double left_edge, double top_edge, double scale, Size new_size) const;
};

/// A camera at `position` that sees `target` in the middle, with the sphere of `radius` around it just inside.
Pinhole looking_at(Vec3 position, Vec3 target, double radius, Size size);

/// Row-major homography from pixels of `a` to pixels of `b`, two cameras at one place.
std::array<double, 9> homography_between(const Pinhole& a, const Pinhole& b);

}  // namespace retime::synth
