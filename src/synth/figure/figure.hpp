#pragma once

#include "synth/figure/outfit.hpp"

namespace retime::synth {

/// Somebody in a scene.
struct Figure {
  Performer performer;
  Outfit outfit;
};

/// The surface of a figure's body at a time, what body maps show.
Mesh body_mesh(const Figure& figure, double time_s);

/// The surface of a figure at a time, with loose cloth and hair.
Mesh figure_mesh(const Figure& figure, double time_s);

}  // namespace retime::synth
