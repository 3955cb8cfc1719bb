#pragma once

#include <cstdint>
#include <vector>

#include "synth/draw/vec.hpp"

namespace retime::synth {

/// What a triangle belongs to. Everything from kSkirt on is loose cloth or hair, outside the UV map.
enum class Limb : std::uint8_t {
  kTorso,
  kHead,
  kLeftArm,
  kRightArm,
  kLeftHand,
  kRightHand,
  kLeftLeg,
  kRightLeg,
  kLeftFoot,
  kRightFoot,
  kSkirt,
  kCoat,
  kScarf,
  kPonytail,
  kDroplet
};

/// A point of a mesh. `around` and `along` in [0, 1] are its place on the limb: around it from the back over its own
/// right and front, and along it from the trunk outwards.
struct Vertex {
  Vec3 position, normal;
  double around = 0, along = 0;
};

struct Triangle {
  int a = 0, b = 0, c = 0;
  Limb limb = Limb::kTorso;
};

struct Mesh {
  std::vector<Vertex> vertices;
  std::vector<Triangle> triangles;
};

/// A cross-section of a limb: an ellipse with half axes `right` and `front`.
struct Ring {
  Vec3 centre, right, front;
  double along = 0;
  std::vector<double> stretch = {};  ///< radius per column relative to the ellipse; empty: 1
};

/// The part of a ring's circumference that a surface covers, in turns; 0 = the back, 0.25 = own right.
struct Arc {
  double from = 0, to = 1;
};

/// Adds the smooth surface through `rings` with `columns` quads around.
void add_loft(Mesh& mesh, const std::vector<Ring>& rings, int columns, Limb limb, Arc arc = {});

/// A limb's value (radius, ...) between given points, smooth; `keys` are (position, value) in rising order.
struct Key {
  double at, value;
};
double profile(const std::vector<Key>& keys, double at);

}  // namespace retime::synth
