#pragma once

#include <vector>

#include "data/complete/completed_objects.hpp"
#include "data/masks/mask_folder.hpp"
#include "data/masks/mask_track.hpp"

namespace retime {

/// Objects that masks name.
struct NamedObjects {
  std::vector<MaskTrack> tracks;
  std::vector<std::vector<bool>> told;  ///< per object and frame: there is a mask, which may be empty
};

/// `tracks`: of the folder, from its frame `first` on.
NamedObjects named_objects(std::vector<MaskTrack> tracks, const MaskFolder& folder, int first);

/// What is found beside what masks name, which comes first and wins: a found object that is the same as a named one
/// fills the frames for which that has no mask; one that lies in named ones otherwise is left out; others are added,
/// where masks show what is visible (`shown`) without the pixels of named ones, and have names of their own. The log
/// and notes tell which is which.
std::vector<MaskTrack> joined_objects(NamedObjects named, const std::vector<MaskTrack>& found, MasksShow shown);

}  // namespace retime
