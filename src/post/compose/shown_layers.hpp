#pragma once

#include <vector>

#include "post/compose/layer_source.hpp"
#include "post/edit/time_map.hpp"

namespace retime {

/// An instance of a layer as one output frame shows it.
struct ShownLayer {
  int layer = 0;
  SourcePosition position;
  double opacity = 1;
  int nearest_frame() const { return position.weight < 0.5 ? position.frame : position.next; }
};

/// What an edit's output shows at time `t` (frames), back to front: the background first, then the objects by depth.
std::vector<ShownLayer> shown_at(int t, const std::vector<LayerInstance>& instances, LayerDepths& depths);

}  // namespace retime
