#include "synth/draw/mesh.hpp"

namespace retime::synth {
namespace {

Vec3 ring_point(const Ring& ring, int column, double turn) {
  const double r = ring.stretch.empty() ? 1 : ring.stretch[static_cast<std::size_t>(column)];
  return ring.centre + (ring.right * std::sin(2 * kPi * turn) - ring.front * std::cos(2 * kPi * turn)) * r;
}

// Normals from the neighbours in the grid of rings and columns; closed surfaces go on across the seam.
void set_normals(Mesh& mesh, std::size_t first, int rows, int columns, bool closed) {
  const auto at = [&](int row, int column) -> Vertex& {
    if (closed) column = (column + columns) % columns;
    row = std::clamp(row, 0, rows - 1);
    column = std::clamp(column, 0, columns);
    return mesh.vertices[first + static_cast<std::size_t>(row * (columns + 1) + column)];
  };
  for (int row = 0; row < rows; ++row)
    for (int column = 0; column <= columns; ++column) {
      const Vec3 along = at(row + 1, column).position - at(row - 1, column).position;
      const Vec3 around = at(row, column + 1).position - at(row, column - 1).position;
      const auto own = static_cast<std::size_t>(row * (columns + 1) + column);
      mesh.vertices[first + own].normal = normalized(cross(around, along));
    }
}

// Limbs run upwards or downwards; their normals point away from their middle either way.
void turn_normals_outwards(Mesh& mesh, std::size_t first, const std::vector<Ring>& rings, int columns) {
  const auto stride = static_cast<std::size_t>(columns + 1);
  double outward = 0;
  for (std::size_t i = first; i < mesh.vertices.size(); ++i)
    outward += dot(mesh.vertices[i].normal, mesh.vertices[i].position - rings[(i - first) / stride].centre);
  if (outward >= 0) return;
  for (std::size_t i = first; i < mesh.vertices.size(); ++i) mesh.vertices[i].normal = -mesh.vertices[i].normal;
}

}  // namespace

void add_loft(Mesh& mesh, const std::vector<Ring>& rings, int columns, Limb limb, Arc arc) {
  const std::size_t first = mesh.vertices.size();
  const int rows = static_cast<int>(rings.size());
  for (const Ring& ring : rings)
    for (int column = 0; column <= columns; ++column) {
      const double turn = arc.from + (arc.to - arc.from) * column / columns;
      mesh.vertices.push_back({ring_point(ring, column, turn), {}, turn, ring.along});
    }
  set_normals(mesh, first, rows, columns, arc.to - arc.from >= 1);
  turn_normals_outwards(mesh, first, rings, columns);
  for (int row = 0; row + 1 < rows; ++row)
    for (int column = 0; column < columns; ++column) {
      const int a = static_cast<int>(first) + row * (columns + 1) + column, b = a + columns + 1;
      mesh.triangles.push_back({a, a + 1, b, limb});
      mesh.triangles.push_back({a + 1, b + 1, b, limb});
    }
}

double profile(const std::vector<Key>& keys, double at) {
  if (at <= keys.front().at) return keys.front().value;
  for (std::size_t i = 1; i < keys.size(); ++i)
    if (at <= keys[i].at) return mix(keys[i - 1].value, keys[i].value, smoothstep(keys[i - 1].at, keys[i].at, at));
  return keys.back().value;
}

}  // namespace retime::synth
