#pragma once

#include <optional>
#include <span>
#include <vector>

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

}  // namespace retime
