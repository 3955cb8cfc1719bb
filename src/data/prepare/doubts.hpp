#pragma once

#include <string>
#include <vector>

#include "data/masks/mask_track.hpp"

namespace retime {

/// Where a thing that moves and is no person was found.
struct Surroundings {
  std::vector<MaskTrack> people;
  Size size;    ///< of frames
  double rate;  ///< frames per second
};

/// Why a thing that moves may be no object: it is small and soon gone, or never as low in the picture as somebody
/// stands while it is there. Empty without a doubt.
std::string doubt_of(const MaskTrack& thing, const Surroundings& around);

/// Adds a doubt to the notes. It is told with `tell_doubts`, when it is known who stays.
void note_doubt(MaskTrack& thing, const Surroundings& around);

/// Warns of what may be no object, as the notes say.
void tell_doubts(const std::vector<MaskTrack>& tracks);

}  // namespace retime
