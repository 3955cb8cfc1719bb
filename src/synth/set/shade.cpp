#include "synth/set/shade.hpp"

namespace retime::synth {
namespace {

constexpr double kExposure = 1.5;
constexpr double kGamma = 1 / 2.2;

double curve(double linear) { return std::pow(1 - std::exp(-kExposure * std::max(linear, 0.0)), kGamma); }

}  // namespace

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
