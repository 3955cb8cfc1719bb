#pragma once

#include <vector>

#include "data/masks/mask_track.hpp"

namespace retime {

/// What was done for one object.
struct CompletedObject {
  int frames = 0;         ///< in which something was added
  double share = 0;       ///< of the body in these frames that was added
  int hidden_first = -1;  ///< the longest time in which nothing of it is seen, though others may hide it: first frame
  int hidden_count = 0;   ///< and number of frames
  bool never_whole = false;  ///< no frame shows it whole, so that it cannot be completed
};

/// Objects completed where others hide them.
struct Completion {
  std::vector<MaskTrack> tracks;         ///< bodies, whole
  std::vector<std::vector<int>> order;   ///< per frame, indices of the tracks back to front
  std::vector<CompletedObject> objects;  ///< same order as the tracks
};

/// Completes masks of what is visible (see ObjectCompletion), from frames before and after. Added is only what the
/// masks of objects in front cover, so that all masks together cover the same as before. `rate`: frames per second.
Completion complete_tracks(const std::vector<MaskTrack>& visible, Size size, double rate, bool show_progress = false);

}  // namespace retime
