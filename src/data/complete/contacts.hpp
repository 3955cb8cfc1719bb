#pragma once

#include <vector>

#include "data/masks/mask_track.hpp"

namespace retime {

/// Frames `first` to `last` in which the masks of two objects touch without a break, or one of them has vanished
/// between frames in which they touch.
struct Contact {
  int a = 0, b = 0;  ///< indices of the tracks, a < b
  int first = 0, last = 0;
};

/// How far apart two masks may be, in pixels, and still touch; how far they may overlap and still show what is visible.
int contact_rim(Size size);

/// Contacts of all pairs, by their first frames.
std::vector<Contact> find_contacts(const std::vector<MaskTrack>& tracks, Size size);

/// Whether the masks show whole bodies, also where others hide them: somewhere two of them overlap by more than a rim.
bool masks_are_whole(const std::vector<MaskTrack>& tracks, Size size);

}  // namespace retime
