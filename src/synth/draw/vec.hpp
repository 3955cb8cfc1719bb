#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

namespace retime::synth {

/// A point, direction or linear RGB colour. World: metres, x right, y up, z away from the camera.
struct Vec3 {
  double x = 0, y = 0, z = 0;
};

inline constexpr Vec3 kUp{0, 1, 0};
inline constexpr double kPi = std::numbers::pi;

inline Vec3 operator+(Vec3 a, Vec3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
inline Vec3 operator-(Vec3 a, Vec3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
inline Vec3 operator*(Vec3 a, double s) { return {a.x * s, a.y * s, a.z * s}; }
inline Vec3 operator*(double s, Vec3 a) { return a * s; }
/// Colour by colour.
inline Vec3 operator*(Vec3 a, Vec3 b) { return {a.x * b.x, a.y * b.y, a.z * b.z}; }
inline Vec3 operator-(Vec3 a) { return {-a.x, -a.y, -a.z}; }
inline Vec3& operator+=(Vec3& a, Vec3 b) { return a = a + b; }

inline double dot(Vec3 a, Vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
inline Vec3 cross(Vec3 a, Vec3 b) { return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x}; }
inline double norm(Vec3 a) { return std::sqrt(dot(a, a)); }
inline Vec3 normalized(Vec3 a) {
  const double n = norm(a);
  return n > 1e-12 ? a * (1 / n) : Vec3{0, 1, 0};
}
inline Vec3 mix(Vec3 a, Vec3 b, double w) { return a + (b - a) * w; }
inline double mix(double a, double b, double w) { return a + (b - a) * w; }

/// The part of `x` behind its whole number, in [0, 1).
inline double fraction(double x) { return x - std::floor(x); }

/// 0 below `from`, 1 above `to`, smooth between.
inline double smoothstep(double from, double to, double x) {
  const double w = std::clamp((x - from) / (to - from), 0.0, 1.0);
  return w * w * (3 - 2 * w);
}

/// `v` turned about the unit vector `axis` (Rodrigues).
inline Vec3 turned(Vec3 v, Vec3 axis, double angle) {
  const double c = std::cos(angle), s = std::sin(angle);
  return v * c + cross(axis, v) * s + axis * (dot(axis, v) * (1 - c));
}

}  // namespace retime::synth
