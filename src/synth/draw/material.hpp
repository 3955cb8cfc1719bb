#pragma once

#include <cstdint>

#include "synth/draw/vec.hpp"

namespace retime::synth {

enum class Pattern {
  kPlain,
  kPlanks,
  kTiles,
  kMarble,
  kCarpet,
  kPlaster,
  kBrick,
  kConcrete,
  kSand,
  kPainting,
  kSky,
  kBooks,
  kLeaves
};

/// What a flat surface of the room is made of.
struct Material {
  Pattern pattern = Pattern::kPlain;
  Vec3 base{0.5, 0.5, 0.5};    ///< linear RGB
  Vec3 second{0.3, 0.3, 0.3};  ///< of mortar, gaps, stains, ...
  double scale = 1;            ///< metres of a tile, a plank's width, a brick's length, ...
  std::uint64_t seed = 0;
  double gloss = 0;     ///< 0 = matt, 1 = mirror at grazing angles
  double emission = 0;  ///< light of its own, instead of reflected light
};

/// Linear RGB of a material at the point (u, v) of its surface, metres.
Vec3 albedo(const Material& material, double u, double v);

/// Whether leaves leave a hole there (always false for other materials).
bool is_hole(const Material& material, double u, double v);

}  // namespace retime::synth
