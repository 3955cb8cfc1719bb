#include "synth/set/backdrop.hpp"

namespace retime::synth {
namespace {

constexpr int kLampSamples = 4;
constexpr double kFloorRoughness = 0.035;

struct Light {
  Vec3 color;         // linear, reflected towards the camera
  double direct = 0;  // share from the lamp
};

double lamp_visibility(const Room& room, Vec3 point, Vec3 normal, Vec3 lamp) {
  const Vec3 start = point + normal * 0.002;
  return trace(room, start, lamp - start, 1.0).panel < 0 ? 1 : 0;
}

// Leaves and panes are seen from both sides.
Vec3 facing(Vec3 normal, Vec3 direction) { return dot(normal, direction) > 0 ? -normal : normal; }

Light diffuse(const Room& room, const Panel& panel, const Hit& hit, Vec3 point, Vec3 normal, int index) {
  const Material& m = panel.material;
  const Vec3 color = albedo(m, hit.a, hit.b);
  if (m.emission > 0) return {color * m.emission, 0};
  Vec3 lamp{};
  for (int i = 0; i < kLampSamples; ++i) {
    const int n = index * kLampSamples + i;
    const Vec3 from = room.light.point(halton(n, 2), halton(n, 3));
    const Vec3 light = direct_light(room.light, from, point, normal);
    if (light.y > 0) lamp += light * (lamp_visibility(room, point, normal, from) / kLampSamples);
  }
  const Vec3 around = ambient_light(room.light, normal) * openness(room, point, normal, panel.solid);
  const Vec3 total = lamp + around;
  return {color * total, lamp.y / std::max(total.y, 1e-9)};
}

Light seen(const Room& room, Vec3 origin, Vec3 direction, int index, bool mirror) {
  const Hit hit = trace(room, origin, direction);
  if (hit.panel < 0) return {{0.5, 0.55, 0.6}, 0};
  const Panel& panel = room.panels[static_cast<std::size_t>(hit.panel)];
  const Vec3 point = origin + direction * hit.distance;
  const Vec3 normal = facing(panel.normal(), direction);
  Light light = diffuse(room, panel, hit, point, normal, index);
  if (!mirror || panel.material.gloss <= 0) return light;
  const Vec3 rough{kFloorRoughness * (halton(index, 5) - 0.5), 0, kFloorRoughness * (halton(index, 7) - 0.5)};
  const Vec3 n = normalized(normal + rough), d = normalized(direction);
  const double share = fresnel(dot(d, normal), panel.material.gloss);
  const Light mirrored = seen(room, point + normal * 0.002, d - n * (2 * dot(d, n)), index, false);
  light.color = light.color * (1 - share) + mirrored.color * share;
  return light;
}

void describe_centre(const Room& room, const Pinhole& camera, int x, int y, Backdrop& out) {
  const Vec3 direction = camera.direction(x, y);
  const Hit hit = trace(room, camera.position, direction);
  const Vec3 p = camera.position + direction * std::min(hit.distance, 1e4);
  out.point.at<cv::Vec3f>(y, x) = cv::Vec3f(static_cast<float>(p.x), static_cast<float>(p.y), static_cast<float>(p.z));
  if (hit.panel != 0) return;
  out.gloss.at<float>(y, x) = static_cast<float>(fresnel(normalized(direction).y, room.panels.front().material.gloss));
}

void render_pixel(const Room& room, const Pinhole& camera, int samples, int x, int y, Backdrop& out) {
  Vec3 sum{};
  double direct = 0;
  const int shift = static_cast<int>(hash_unit(x, y, 11) * 4096);
  for (int i = 0; i < samples; ++i) {
    const Vec3 direction = camera.direction(x + halton(i, 2) - 0.5, y + halton(i, 3) - 0.5);
    const Light light = seen(room, camera.position, direction, shift + i, true);
    sum += to_picture(light.color);
    direct += light.direct;
  }
  sum = sum * (1.0 / samples);
  out.color.at<cv::Vec3f>(y, x) =
      cv::Vec3f(static_cast<float>(sum.x), static_cast<float>(sum.y), static_cast<float>(sum.z));
  out.direct.at<float>(y, x) = static_cast<float>(direct / samples);
  describe_centre(room, camera, x, y, out);
}

}  // namespace

Backdrop render_backdrop(const Room& room, const Pinhole& camera, int samples) {
  const cv::Size size(camera.size.width, camera.size.height);
  Backdrop out{cv::Mat(size, CV_32FC3), cv::Mat(size, CV_32FC3), cv::Mat(size, CV_32F), cv::Mat::zeros(size, CV_32F),
               room.panels.front().material.gloss > 0};
  cv::parallel_for_({0, size.height}, [&](const cv::Range& rows) {
    for (int y = rows.start; y < rows.end; ++y)
      for (int x = 0; x < size.width; ++x) render_pixel(room, camera, samples, x, y, out);
  });
  return out;
}

}  // namespace retime::synth
