#pragma once

#include <cstdint>
#include <vector>

#include "synth/draw/material.hpp"
#include "synth/draw/noise.hpp"

namespace retime::synth {

/// A flat rectangle: points corner + a * across + b * up for a in [0, width] and b in [0, height]; unit axes.
struct Panel {
  Vec3 corner, across, up;
  double width = 1, height = 1;
  Material material;
  int solid = -1;  ///< the solid that it is a face of
  Vec3 normal() const { return cross(up, across); }
};

/// Where light comes from: a rectangle (half axes `side`, `top`) and what arrives from everywhere.
struct Lighting {
  Vec3 centre, side, top;
  Vec3 color;            ///< direct light at `reference` metres, linear RGB
  double reference = 0;  ///< 0: a far light that does not fall off
  Vec3 sky, ground;      ///< ambient light from above and from below

  Vec3 point(double a, double b) const { return centre + side * (2 * a - 1) + top * (2 * b - 1); }
};

/// A box with edges along the axes.
struct Solid {
  Vec3 low, high;
};

/// The surroundings of a scene. The floor is the plane y = 0.
struct Room {
  std::vector<Panel> panels;  ///< the first one is the floor
  std::vector<Solid> solids;  ///< what darkens its surroundings
  Lighting light;
  double corner_shade = 0.45;  ///< how much darker edges between floor and walls are
  double wall_distance = 10;   ///< z of the back wall
};

struct Hit {
  int panel = -1;          ///< none if negative
  double distance = 1e30;  ///< in lengths of the ray's direction
  double a = 0, b = 0;
};

/// How much ambient light arrives at a point with normal `n`, a surface of solid `own`: less near edges; in [0, 1].
double openness(const Room& room, Vec3 point, Vec3 n, int own);

/// The nearest panel along a ray, holes in leaves skipped.
Hit trace(const Room& room, Vec3 origin, Vec3 direction, double farthest = 1e30);

/// What furnishes a room; drawn by the seed.
enum class Decor { kHome, kHall, kPlaza, kStudio, kPool };
Room make_room(Decor decor, Random& random);

/// Linear light to picture values in [0, 1): a soft shoulder, then gamma 2.2.
Vec3 to_picture(Vec3 linear);

/// The alpha of black laid over a picture that takes the share `lost` of its light.
double darkening(double lost);

/// Light from point `from` of the lighting at a surface, if nothing is between: linear RGB.
Vec3 direct_light(const Lighting& light, Vec3 from, Vec3 point, Vec3 normal);

/// Light from everywhere at a surface: linear RGB.
Vec3 ambient_light(const Lighting& light, Vec3 normal);

/// Reflected share of light on a glossy surface (Schlick 1994), `cosine` of the angle to the normal.
double fresnel(double cosine, double gloss);

}  // namespace retime::synth
