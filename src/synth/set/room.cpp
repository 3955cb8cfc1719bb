#include "synth/set/room.hpp"

namespace retime::synth {
namespace {

constexpr double kExposure = 1.5;
constexpr double kGamma = 1 / 2.2;

double curve(double linear) { return std::pow(1 - std::exp(-kExposure * std::max(linear, 0.0)), kGamma); }

}  // namespace

double openness(const Room& room, Vec3 point, Vec3 n, int own) {
  const Vec3 p = point + n * 0.12;
  double open = 1;
  for (int i = 0; i < static_cast<int>(room.solids.size()); ++i) {
    if (i == own) continue;
    const Solid& s = room.solids[static_cast<std::size_t>(i)];
    const Vec3 nearest{std::clamp(p.x, s.low.x, s.high.x), std::clamp(p.y, s.low.y, s.high.y),
                       std::clamp(p.z, s.low.z, s.high.z)};
    open *= 1 - room.corner_shade * std::exp(-norm(nearest - p) / 0.35);
  }
  return open;
}

Hit trace(const Room& room, Vec3 origin, Vec3 direction, double farthest) {
  Hit best;
  best.distance = farthest;
  for (int i = 0; i < static_cast<int>(room.panels.size()); ++i) {
    const Panel& panel = room.panels[static_cast<std::size_t>(i)];
    const Vec3 n = panel.normal();
    const double slope = dot(n, direction);
    if (std::abs(slope) < 1e-9) continue;
    const double distance = dot(n, panel.corner - origin) / slope;
    if (distance < 1e-6 || distance >= best.distance) continue;
    const Vec3 p = origin + direction * distance - panel.corner;
    const double a = dot(p, panel.across), b = dot(p, panel.up);
    if (a < 0 || b < 0 || a > panel.width || b > panel.height || is_hole(panel.material, a, b)) continue;
    best = {i, distance, a, b};
  }
  return best;
}

Vec3 to_picture(Vec3 linear) { return {curve(linear.x), curve(linear.y), curve(linear.z)}; }

double darkening(double lost) { return 1 - std::pow(1 - std::clamp(lost, 0.0, 0.999), kGamma); }

Vec3 direct_light(const Lighting& light, Vec3 from, Vec3 point, Vec3 normal) {
  const Vec3 way = from - point;
  const double distance = norm(way);
  const double cosine = std::max(0.0, dot(way, normal) / distance);
  const double falloff = light.reference > 0 ? light.reference * light.reference / (distance * distance) : 1;
  return light.color * (cosine * falloff);
}

Vec3 ambient_light(const Lighting& light, Vec3 normal) { return mix(light.ground, light.sky, 0.5 + 0.5 * normal.y); }

double fresnel(double cosine, double gloss) { return gloss * (0.04 + 0.96 * std::pow(1 - std::abs(cosine), 5.0)); }

}  // namespace retime::synth
