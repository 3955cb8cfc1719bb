#pragma once

#include <cstdint>

#include "synth/draw/mesh.hpp"
#include "synth/figure/pose.hpp"

namespace retime::synth {

enum class Fabric { kPlain, kStripes, kPlaid, kPrint, kDenim, kDots, kKnit };

struct Garment {
  Fabric fabric = Fabric::kPlain;
  Vec3 base{0.3, 0.3, 0.3}, second{0.6, 0.6, 0.6};  ///< linear RGB
  double scale = 0.06;                              ///< metres of a repeat
  std::uint64_t seed = 0;
};

enum class Loose { kNone, kSkirt, kCoat, kScarf };

/// What somebody wears, and skin and hair.
struct Outfit {
  Garment shirt, trousers, cloth;
  Vec3 skin{0.5, 0.32, 0.24}, hair{0.05, 0.035, 0.025}, shoes{0.06, 0.05, 0.05};
  bool long_sleeves = true, bare_legs = false, long_hair = false;
  Loose loose = Loose::kNone;
  double cloth_length = 0.6;  ///< metres
};

/// Clothes for person `index`; people of one scene differ clearly in colour.
Outfit make_outfit(Random& random, int index, Loose loose);

/// Linear RGB of a point of a person's surface.
Vec3 surface_color(const Outfit& outfit, Limb limb, double around, double along);

}  // namespace retime::synth
