#include "synth/set/layer_render.hpp"

#include "synth/draw/raster.hpp"
#include "synth/set/room.hpp"

namespace retime::synth {
namespace {

constexpr int kLampsPerSample = 3;
constexpr double kRoughness = 0.05;      // tilt of the floor's facets, radians
constexpr double kReflectionGain = 2.4;  // people stand out from the dim surroundings that the floor mirrors too
constexpr double kSelfShadowBias = 0.045, kShadowBias = 0.01;
constexpr double kDropOpacity = 0.7, kUnderWaterOpacity = 0.45;

cv::Vec4f premultiplied(Vec3 color, double alpha) {
  return {static_cast<float>(color.x * alpha), static_cast<float>(color.y * alpha), static_cast<float>(color.z * alpha),
          static_cast<float>(alpha)};
}

// One instant of the shutter time: the mesh, and lamps with what the mesh hides from them.
struct Instant {
  Mesh mesh;
  std::vector<Vec3> lamps;
  std::vector<ShadowMap> maps;
};

class LayerRenderer {
 public:
  LayerRenderer(const Figure& figure, const Water& water, const Lighting& light, const Pinhole& camera,
                const Backdrop& backdrop, const LayerSettings& settings)
      : figure_(figure), water_(water), light_(light), camera_(camera), backdrop_(backdrop), settings_(settings) {
    const cv::Size size(camera.size.width, camera.size.height);
    body_ = cv::Mat::zeros(size, CV_32FC4);
    coverage_ = cv::Mat::zeros(size, CV_32F);
    reflection_ = cv::Mat::zeros(size, CV_32FC4);
    blocked_ = cv::Mat::zeros(size, CV_32F);
  }

  RenderedLayer render(double time_s);

 private:
  Instant instant_at(double time_s, int sample) const;
  Vec3 shaded(const Instant& now, const Fragment& fragment, Vec3 eye) const;
  void add_body_sample(const Instant& now, const Pinhole& jittered);
  void add_reflection_sample(const Instant& now, const Pinhole& jittered, int sample);
  void add_shadow_sample(const Instant& now);
  void break_reflection(double time_s);
  double contact_shade(const Pose& pose, Vec3 point) const;
  cv::Mat merged(double time_s) const;

  const Figure& figure_;
  const Water& water_;
  const Lighting& light_;
  const Pinhole& camera_;
  const Backdrop& backdrop_;
  const LayerSettings& settings_;
  std::vector<Footfall> falls_;
  cv::Mat body_, coverage_, reflection_, blocked_;
};

Instant LayerRenderer::instant_at(double time_s, int sample) const {
  Instant now;
  now.mesh = figure_mesh(figure_, time_s);
  for (int i = 0; i < kLampsPerSample; ++i) {
    const int n = sample * kLampsPerSample + i;
    now.lamps.push_back(light_.point(halton(n, 2), halton(n, 3)));
    now.maps.emplace_back(now.mesh, now.lamps.back(), Size{160, 160});
  }
  if (water_.present) add_droplets(now.mesh, falls_, time_s);
  return now;
}

Vec3 LayerRenderer::shaded(const Instant& now, const Fragment& fragment, Vec3 eye) const {
  const Limb limb = now.mesh.triangles[static_cast<std::size_t>(fragment.triangle)].limb;
  Vertex v = surface_point(now.mesh, fragment);
  if (dot(v.normal, eye - v.position) < 0) v.normal = -v.normal;
  const double near_floor = 0.75 + 0.25 * smoothstep(0, 0.5, v.position.y);
  Vec3 light = ambient_light(light_, v.normal) * near_floor;
  for (std::size_t i = 0; i < now.lamps.size(); ++i) {
    const Vec3 direct = direct_light(light_, now.lamps[i], v.position, v.normal);
    if (direct.y <= 0) continue;
    light += direct * ((1 - now.maps[i].blocked(v.position, kSelfShadowBias)) / kLampsPerSample);
  }
  return to_picture(surface_color(figure_.outfit, limb, v.around, v.along) * light);
}

void LayerRenderer::add_body_sample(const Instant& now, const Pinhole& jittered) {
  const PixelBox box = covered_box(now.mesh, jittered);
  const FragmentBuffer drawn = rasterize(now.mesh, jittered, box);
  for (int y = box.y0; y < box.y1; ++y)
    for (int x = box.x0; x < box.x1; ++x) {
      const Fragment& f = drawn.at(x - box.x0, y - box.y0);
      if (f.triangle < 0) continue;
      const bool drop = now.mesh.triangles[static_cast<std::size_t>(f.triangle)].limb == Limb::kDroplet;
      const bool under_water = water_.present && surface_point(now.mesh, f).position.y < 0;
      const double opacity = drop ? kDropOpacity : under_water ? kUnderWaterOpacity : 1;
      body_.at<cv::Vec4f>(y, x) += premultiplied(shaded(now, f, camera_.position), opacity);
      if (!drop) coverage_.at<float>(y, x) += 1;
    }
}

// The mesh mirrored at the floor. A tilt of the floor's facets moves the mirrored point by twice its height.
void LayerRenderer::add_reflection_sample(const Instant& now, const Pinhole& jittered, int sample) {
  const double tilt_x = kRoughness * (halton(sample, 5) - 0.5), tilt_z = kRoughness * (halton(sample, 7) - 0.5);
  Mesh mirrored = now.mesh;
  for (Vertex& v : mirrored.vertices) {
    const double h = v.position.y;
    v.position = {v.position.x + 2 * h * tilt_x, -h, v.position.z + 2 * h * tilt_z};
  }
  const PixelBox box = covered_box(mirrored, jittered);
  const FragmentBuffer drawn = rasterize(mirrored, jittered, box);
  const Vec3 below = camera_.position * Vec3{1, -1, 1};
  for (int y = box.y0; y < box.y1; ++y)
    for (int x = box.x0; x < box.x1; ++x) {
      const Fragment& f = drawn.at(x - box.x0, y - box.y0);
      const double gloss = backdrop_.gloss.at<float>(y, x);
      if (f.triangle < 0 || gloss <= 0) continue;
      const double height = surface_point(now.mesh, f).position.y;
      if (height < 0) continue;
      const double fade = std::exp(-0.35 * height);
      reflection_.at<cv::Vec4f>(y, x) +=
          premultiplied(shaded(now, f, below), std::min(0.8, kReflectionGain * gloss) * fade);
    }
}

void LayerRenderer::add_shadow_sample(const Instant& now) {
  for (int y = 0; y < blocked_.rows; ++y)
    for (int x = 0; x < blocked_.cols; ++x) {
      const auto& p = backdrop_.point.at<cv::Vec3f>(y, x);
      double sum = 0;
      for (const ShadowMap& map : now.maps) sum += map.blocked({p[0], p[1], p[2]}, kShadowBias);
      if (sum > 0) blocked_.at<float>(y, x) += static_cast<float>(sum / kLampsPerSample);
    }
}

// Feet and body keep light from everywhere away from the floor close to them.
double LayerRenderer::contact_shade(const Pose& pose, Vec3 point) const {
  if (point.y > 0.01) return 0;
  const double dx = point.x - pose.pelvis.x, dz = point.z - pose.pelvis.z;
  double open = 1 - 0.1 * std::exp(-(dx * dx + dz * dz) / 0.16);
  for (const Side side : {kLeft, kRight}) {
    const Vec3 sole = pose.ankle[side] + pose.foot[side].forward * (0.2 * figure_.performer.build.foot);
    const Vec3 gap = point - Vec3{sole.x, 0, sole.z}, along = normalized(pose.foot[side].forward * Vec3{1, 0, 1});
    const double a = dot(gap, along) / 0.16, b = dot(gap, cross({0, 1, 0}, along)) / 0.09;
    open *= 1 - 0.5 * std::exp(-(a * a + b * b) - std::max(0.0, pose.clearance[side]) / 0.06);
  }
  return 1 - open;
}

// Waves break up the mirror image: rows of it are moved sideways and up by the water's slope.
void LayerRenderer::break_reflection(double time_s) {
  const cv::Mat still = reflection_.clone();
  for (int y = 0; y < still.rows; ++y)
    for (int x = 0; x < still.cols; ++x) {
      if (backdrop_.gloss.at<float>(y, x) <= 0) continue;
      const auto& p = backdrop_.point.at<cv::Vec3f>(y, x);
      const Ripple r = ripple_at(water_, falls_, {p[0], p[1], p[2]}, time_s);
      const double swell =
          0.012 * std::sin(31 * p[2] + 4 * time_s) + 0.008 * std::sin(17 * p[0] + 23 * p[2] - 3 * time_s);
      const double scale = 0.5 * camera_.focal / p[2];
      const int sx = static_cast<int>(std::lround(x + scale * (r.slope_x * 0.5 + swell)));
      const int sy = static_cast<int>(std::lround(y + scale * (r.slope_z * 0.7 + swell)));
      const bool inside = sx >= 0 && sy >= 0 && sx < still.cols && sy < still.rows;
      reflection_.at<cv::Vec4f>(y, x) = inside ? still.at<cv::Vec4f>(sy, sx) : cv::Vec4f();
    }
}

cv::Mat LayerRenderer::merged(double time_s) const {
  const Pose pose = pose_at(figure_.performer, time_s);
  cv::Mat layer = render_ripples(water_, falls_, camera_, backdrop_, time_s);
  const bool vignette = settings_.vignette;
  for (int y = 0; y < layer.rows; ++y)
    for (int x = 0; x < layer.cols; ++x) {
      const auto& p = backdrop_.point.at<cv::Vec3f>(y, x);
      const double shadow = darkening(backdrop_.direct.at<float>(y, x) * blocked_.at<float>(y, x));
      const double dark = 1 - (1 - shadow) * (1 - contact_shade(pose, {p[0], p[1], p[2]}));
      auto& out = layer.at<cv::Vec4f>(y, x);
      out = out * static_cast<float>(1 - dark) + cv::Vec4f(0, 0, 0, static_cast<float>(dark));
      for (const cv::Mat* part : {&reflection_, &body_}) {
        const auto& top = part->at<cv::Vec4f>(y, x);
        out = top + out * (1 - top[3]);
      }
      const auto light = static_cast<float>(vignette ? vignette_at(camera_.size, x, y) : 1);
      for (int c = 0; c < 3; ++c) out[c] *= light;
    }
  return layer;
}

// Straight alpha in 16 bits, cropped; what is less than half a level of 255 is nothing.
RenderedLayer packed(const cv::Mat& layer, const cv::Mat& body) {
  cv::Mat rgba = cv::Mat::zeros(layer.size(), CV_16UC4), coverage = cv::Mat::zeros(layer.size(), CV_16U);
  cv::Mat used = cv::Mat::zeros(layer.size(), CV_8U);
  for (int y = 0; y < layer.rows; ++y)
    for (int x = 0; x < layer.cols; ++x) {
      const auto& p = layer.at<cv::Vec4f>(y, x);
      if (p[3] < 0.5F / 255) continue;
      used.at<uchar>(y, x) = 255;
      auto& out = rgba.at<cv::Vec4w>(y, x);
      for (int c = 0; c < 3; ++c) out[c] = cv::saturate_cast<ushort>(65535 * p[c] / p[3]);
      out[3] = cv::saturate_cast<ushort>(65535 * p[3]);
      coverage.at<ushort>(y, x) = cv::saturate_cast<ushort>(65535 * body.at<float>(y, x));
    }
  std::vector<cv::Point> points;
  cv::findNonZero(used, points);
  if (points.empty()) return {};
  cv::Rect box(points.front(), cv::Size(1, 1));
  for (const cv::Point& point : points) box |= cv::Rect(point, cv::Size(1, 1));
  return {box, rgba(box).clone(), coverage(box).clone()};
}

RenderedLayer LayerRenderer::render(double time_s) {
  if (water_.present) falls_ = footfalls(figure_.performer, time_s - 3.4, time_s + 0.05);
  const int n = settings_.samples;
  for (int i = 0; i < n; ++i) {
    const double shutter = (i + 0.5) / n - 0.5;
    const Instant now = instant_at(time_s + settings_.shutter_s * shutter, i);
    Pinhole jittered = camera_;
    jittered.cu -= halton(i, 2) - 0.5;
    jittered.cv -= halton(i, 3) - 0.5;
    add_body_sample(now, jittered);
    if (backdrop_.mirrors) add_reflection_sample(now, jittered, i);
    add_shadow_sample(now);
  }
  for (cv::Mat* sum : {&body_, &coverage_, &reflection_, &blocked_}) *sum *= 1.0 / n;
  if (water_.present) break_reflection(time_s);
  return packed(merged(time_s), coverage_);
}

}  // namespace

RenderedLayer render_layer(const Figure& figure, const Water& water, const Lighting& light, const Pinhole& camera,
                           const Backdrop& backdrop, double time_s, const LayerSettings& settings) {
  return LayerRenderer(figure, water, light, camera, backdrop, settings).render(time_s);
}

double vignette_at(Size size, double x, double y) {
  const double u = 2 * (x + 0.5) / size.width - 1, v = 2 * (y + 0.5) / size.height - 1;
  return 1 - 0.07 * (u * u + v * v);
}

}  // namespace retime::synth
