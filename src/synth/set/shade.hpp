#pragma once

#include "synth/set/room.hpp"

namespace retime::synth {

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
