#pragma once

#include <vector>

#include "data/correct/corrected_tracks.hpp"
#include "data/keypoints/object_keypoints.hpp"
#include "data/masks/object_groups.hpp"

namespace retime {

/// Tracks of joints cut where objects were split, so that each half finds its owner.
std::vector<KeypointTrack> cut_at_splits(const CorrectedTracks& corrected, std::vector<KeypointTrack> people);

/// Puts joints right, in pixels of full frames. In frames that are left out none is known. `layers`: the tracks of each
/// object of `joints`.
void correct_joints(const CorrectedTracks& corrected, const ObjectGroups& layers, ObjectJoints& joints);

}  // namespace retime
