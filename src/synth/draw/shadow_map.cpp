#include "synth/draw/shadow_map.hpp"

namespace retime::synth {
namespace {

Pinhole lamp_camera(const Mesh& mesh, Vec3 lamp, Size size) {
  Vec3 low{1e9, 1e9, 1e9}, high{-1e9, -1e9, -1e9};
  for (const Vertex& v : mesh.vertices) {
    low = {std::min(low.x, v.position.x), std::min(low.y, v.position.y), std::min(low.z, v.position.z)};
    high = {std::max(high.x, v.position.x), std::max(high.y, v.position.y), std::max(high.z, v.position.z)};
  }
  return looking_at(lamp, mix(low, high, 0.5), norm(high - low) / 2 + 0.02, size);
}

}  // namespace

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
