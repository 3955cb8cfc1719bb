#include "synth/set/water.hpp"

namespace retime::synth {
namespace {

constexpr double kFading = 1.1;  // seconds until waves have faded to a third
constexpr double kGravity = 9.81;

cv::Vec3f sampled(const cv::Mat& picture, double x, double y) {
  const double cx = std::clamp(x, 0.0, picture.cols - 1.001), cy = std::clamp(y, 0.0, picture.rows - 1.001);
  const int ix = static_cast<int>(cx), iy = static_cast<int>(cy);
  const auto u = static_cast<float>(cx - ix), v = static_cast<float>(cy - iy);
  const auto& p = [&](int dx, int dy) { return picture.at<cv::Vec3f>(iy + dy, ix + dx); };
  return (p(0, 0) * (1 - u) + p(1, 0) * u) * (1 - v) + (p(0, 1) * (1 - u) + p(1, 1) * u) * v;
}

// The colour that the moved surface shows: the floor seen elsewhere, brighter on slopes towards the light.
cv::Vec3f rippled(const Ripple& ripple, const Pinhole& camera, const Backdrop& backdrop, Vec3 point, int x, int y) {
  const double reach = 0.35;
  const Projected seen = camera.project(point + Vec3{reach * ripple.slope_x, 0, 2 * reach * ripple.slope_z});
  const cv::Vec3f color =
      sampled(backdrop.color, std::clamp(seen.u, x - 40.0, x + 40.0), std::clamp(seen.v, y - 40.0, y + 40.0));
  const double glint = 0.8 * (ripple.slope_x + ripple.slope_z) + 1.6 * std::pow(std::max(0.0, ripple.slope_z), 2.0);
  const auto light = static_cast<float>(std::clamp(0.4 * glint, -0.2, 0.45));
  cv::Vec3f result;
  for (int c = 0; c < 3; ++c)
    result[c] = std::clamp(color[c] + light * (light > 0 ? 1 - color[c] : color[c]), 0.F, 1.F);
  return result;
}

void add_drop(Mesh& mesh, Vec3 centre, double radius, Vec3 stretch) {
  std::vector<Ring> rings;
  for (int i = 0; i <= 4; ++i) {
    const double angle = kPi * (0.04 + 0.23 * i);
    const double r = radius * std::sin(angle);
    rings.push_back({centre - stretch * (radius * std::cos(angle)), {r, 0, 0}, {0, 0, r}, i / 4.0, {}});
  }
  add_loft(mesh, rings, 6, Limb::kDroplet);
}

}  // namespace

Ripple ripple_at(const Water& water, const std::vector<Footfall>& falls, Vec3 point, double time_s) {
  Ripple ripple;
  const double k = 2 * kPi / water.wavelength;
  for (const Footfall& fall : falls) {
    const double age = time_s - fall.time_s;
    if (age <= 0 || age > 3 * kFading) continue;
    const double dx = point.x - fall.place.x, dz = point.z - fall.place.z, r = std::hypot(dx, dz);
    const double behind = r - water.wave_speed * age, width = 0.16 + 0.24 * age;
    const double spread = 1 / std::sqrt(1 + 2.2 * r);
    const double envelope = fall.strength * std::exp(-age / kFading - behind * behind / (width * width)) * spread;
    const double slope = 1.1 * envelope * std::sin(k * behind + 0.6);
    ripple.slope_x += slope * dx / (r + 0.05);
    ripple.slope_z += slope * dz / (r + 0.05);
    ripple.strength += envelope;
  }
  ripple.strength = 1 - std::exp(-2.6 * ripple.strength);
  return ripple;
}

cv::Mat render_ripples(const Water& water, const std::vector<Footfall>& falls, const Pinhole& camera,
                       const Backdrop& backdrop, double time_s) {
  cv::Mat out = cv::Mat::zeros(backdrop.color.size(), CV_32FC4);
  if (!water.present) return out;
  for (int y = 0; y < out.rows; ++y)
    for (int x = 0; x < out.cols; ++x) {
      if (backdrop.gloss.at<float>(y, x) <= 0) continue;
      const auto& p = backdrop.point.at<cv::Vec3f>(y, x);
      const Vec3 point{p[0], p[1], p[2]};
      const Ripple ripple = ripple_at(water, falls, point, time_s);
      if (ripple.strength < 0.01) continue;
      const auto alpha = static_cast<float>(smoothstep(0.01, 0.45, ripple.strength) * 0.92);
      const cv::Vec3f color = rippled(ripple, camera, backdrop, point, x, y) * alpha;
      out.at<cv::Vec4f>(y, x) = {color[0], color[1], color[2], alpha};
    }
  return out;
}

void add_droplets(Mesh& mesh, const std::vector<Footfall>& falls, double time_s) {
  for (const Footfall& fall : falls) {
    const double age = time_s - fall.time_s;
    if (age <= 0 || age > 0.9) continue;
    Random random(static_cast<std::uint64_t>(fall.time_s * 1e4) * 7919 + 5);
    const int count = static_cast<int>(20 * fall.strength * fall.strength);
    for (int i = 0; i < count; ++i) {
      const double turn = random.between(0, 2 * kPi), out = random.between(0.3, 1.1) * std::sqrt(fall.strength);
      const double up = random.between(0.8, 2.0) * std::sqrt(fall.strength), radius = random.between(0.008, 0.02);
      const double height = up * age - kGravity / 2 * age * age;
      if (height < 0) continue;
      const Vec3 way{out * std::cos(turn), 0, out * std::sin(turn)};
      const Vec3 speed = way + Vec3{0, up - kGravity * age, 0};
      add_drop(mesh, fall.place + way * (age + 0.08) + Vec3{0, height, 0}, radius, normalized(speed) * 1.5);
    }
  }
}

}  // namespace retime::synth
