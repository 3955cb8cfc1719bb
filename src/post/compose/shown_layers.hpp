#pragma once

#include <optional>
#include <span>
#include <vector>

#include "post/compose/layer_source.hpp"
#include "post/edit/time_map.hpp"

namespace retime {

/// A layer instance in one output frame, with what its own source frame says about depth.
struct OrderedInstance {
  int layer = 0;
  std::vector<int> order;                ///< of its source frame: object layers, back to front
  std::optional<double> ground_contact;  ///< row where it meets the ground; lower in the picture = nearer
};

/// Positions in `instances`, back to front, for objects that may come from different source frames.
///
/// Pair by pair: where the source frames of both say the same about their layers, that holds, so that two objects meet
/// only as they do in the clip. Where they differ, or for two instances of one layer, the one that meets the ground
/// lower in the picture is in front; if that is not known or equal, the one that is further front in its own frame; and
/// last the one that comes first in `instances` is in front. Should the pairs run in a circle, as few as possible of
/// the agreed ones are given up.
std::vector<int> back_to_front(std::span<const OrderedInstance> instances);

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
