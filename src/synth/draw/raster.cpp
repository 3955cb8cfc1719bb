#include "synth/draw/raster.hpp"

namespace retime::synth {
namespace {

constexpr double kNear = 0.2;

std::vector<Projected> project_all(const Mesh& mesh, const Pinhole& camera) {
  std::vector<Projected> points;
  points.reserve(mesh.vertices.size());
  for (const Vertex& v : mesh.vertices) points.push_back(camera.project(v.position));
  return points;
}

void draw(const Projected& a, const Projected& b, const Projected& c, int index, const PixelBox& box,
          FragmentBuffer& out) {
  const double area = (b.u - a.u) * (c.v - a.v) - (b.v - a.v) * (c.u - a.u);
  if (std::abs(area) < 1e-9) return;
  const int x0 = std::max(box.x0, static_cast<int>(std::ceil(std::min({a.u, b.u, c.u}))));
  const int x1 = std::min(box.x1 - 1, static_cast<int>(std::floor(std::max({a.u, b.u, c.u}))));
  const int y0 = std::max(box.y0, static_cast<int>(std::ceil(std::min({a.v, b.v, c.v}))));
  const int y1 = std::min(box.y1 - 1, static_cast<int>(std::floor(std::max({a.v, b.v, c.v}))));
  for (int y = y0; y <= y1; ++y)
    for (int x = x0; x <= x1; ++x) {
      const double wb = ((x - a.u) * (c.v - a.v) - (y - a.v) * (c.u - a.u)) / area;
      const double wc = ((b.u - a.u) * (y - a.v) - (b.v - a.v) * (x - a.u)) / area;
      if (wb < 0 || wc < 0 || wb + wc > 1) continue;
      const double inverse = (1 - wb - wc) / a.depth + wb / b.depth + wc / c.depth;
      const auto depth = static_cast<float>(1 / inverse);
      Fragment& f = out.at(x - box.x0, y - box.y0);
      if (depth >= f.depth) continue;
      f = {index, depth, static_cast<float>(wb / b.depth / inverse), static_cast<float>(wc / c.depth / inverse)};
    }
}

Pinhole lamp_camera(const Mesh& mesh, Vec3 lamp, Size size) {
  Vec3 low{1e9, 1e9, 1e9}, high{-1e9, -1e9, -1e9};
  for (const Vertex& v : mesh.vertices) {
    low = {std::min(low.x, v.position.x), std::min(low.y, v.position.y), std::min(low.z, v.position.z)};
    high = {std::max(high.x, v.position.x), std::max(high.y, v.position.y), std::max(high.z, v.position.z)};
  }
  return looking_at(lamp, mix(low, high, 0.5), norm(high - low) / 2 + 0.02, size);
}

}  // namespace

PixelBox covered_box(const Mesh& mesh, const Pinhole& camera) {
  double u0 = 1e9, v0 = 1e9, u1 = -1e9, v1 = -1e9;
  for (const Projected& p : project_all(mesh, camera)) {
    if (p.depth < kNear) continue;
    u0 = std::min(u0, p.u), u1 = std::max(u1, p.u), v0 = std::min(v0, p.v), v1 = std::max(v1, p.v);
  }
  const auto limit = [](double value, int size) { return static_cast<int>(std::clamp(value, 0.0, double(size))); };
  return {limit(std::floor(u0) - 2, camera.size.width), limit(std::floor(v0) - 2, camera.size.height),
          limit(std::ceil(u1) + 3, camera.size.width), limit(std::ceil(v1) + 3, camera.size.height)};
}

FragmentBuffer rasterize(const Mesh& mesh, const Pinhole& camera, const PixelBox& box) {
  FragmentBuffer out({box.width(), box.height()});
  if (box.empty()) return out;
  const auto points = project_all(mesh, camera);
  for (std::size_t i = 0; i < mesh.triangles.size(); ++i) {
    const Triangle& t = mesh.triangles[i];
    const Projected& a = points[static_cast<std::size_t>(t.a)];
    const Projected& b = points[static_cast<std::size_t>(t.b)];
    const Projected& c = points[static_cast<std::size_t>(t.c)];
    if (std::min({a.depth, b.depth, c.depth}) > kNear) draw(a, b, c, static_cast<int>(i), box, out);
  }
  return out;
}

Vertex surface_point(const Mesh& mesh, const Fragment& f) {
  const Triangle& t = mesh.triangles[static_cast<std::size_t>(f.triangle)];
  const Vertex& a = mesh.vertices[static_cast<std::size_t>(t.a)];
  const Vertex& b = mesh.vertices[static_cast<std::size_t>(t.b)];
  const Vertex& c = mesh.vertices[static_cast<std::size_t>(t.c)];
  const double wb = f.b, wc = f.c, wa = 1 - wb - wc;
  return {a.position * wa + b.position * wb + c.position * wc,
          normalized(a.normal * wa + b.normal * wb + c.normal * wc), a.around * wa + b.around * wb + c.around * wc,
          a.along * wa + b.along * wb + c.along * wc};
}

ShadowMap::ShadowMap(const Mesh& mesh, Vec3 lamp, Size size)
    : camera_(lamp_camera(mesh, lamp, size)), map_(rasterize(mesh, camera_, {0, 0, size.width, size.height})) {}

double ShadowMap::blocked(Vec3 point, double bias) const {
  const Projected p = camera_.project(point);
  if (p.depth <= 0 || p.u < -1 || p.v < -1 || p.u > camera_.size.width || p.v > camera_.size.height) return 0;
  const double fu = std::floor(p.u), fv = std::floor(p.v), u = p.u - fu, v = p.v - fv, depth = p.depth - bias;
  const int x = static_cast<int>(fu), y = static_cast<int>(fv);
  return mix(mix(hides(x, y, depth), hides(x + 1, y, depth), u),
             mix(hides(x, y + 1, depth), hides(x + 1, y + 1, depth), u), v);
}

}  // namespace retime::synth
