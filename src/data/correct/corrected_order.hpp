#pragma once

#include <vector>

#include "data/complete/completion.hpp"
#include "data/correct/corrected_tracks.hpp"
#include "data/masks/object_groups.hpp"

namespace retime {

/// What the corrections say of pairs of tracks, for their completion.
std::vector<KnownDepth> known_depths(const CorrectedTracks& corrected);

/// Puts layers in order as the corrections say: those that one names change places among each other. `order`: per
/// frame, indices of layers back to front; `layers`: the tracks of each.
void correct_order(const CorrectedTracks& corrected, const ObjectGroups& layers, std::vector<std::vector<int>>& order);

}  // namespace retime
