#pragma once

#include <vector>

#include "data/keypoints/pose_tracks.hpp"

namespace retime {

/// Drops people who were seen in a single frame, undoes mistaken sides and fills gaps.
void repair_tracks(std::vector<KeypointTrack>& tracks);

/// Puts left and right in their places where an estimator took one for the other in up to twelve frames: arms, legs and
/// face each by themselves, by the shorter way of the joints from frame to frame.
void undo_swapped_sides(std::vector<CocoJoints>& frames);

/// Joints that are not known for up to `kLongestGap` frames are put between those before and after; how sure they are
/// falls with the distance to these.
void fill_gaps(std::vector<CocoJoints>& frames);

}  // namespace retime
