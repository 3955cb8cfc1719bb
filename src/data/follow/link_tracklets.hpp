#pragma once

#include <vector>

#include "data/follow/sighting.hpp"

namespace retime {

/// Whether two people in one frame are so near that the networks may take one for the other.
bool touch(const Sighting& a, const Sighting& b);

/// Cuts tracklets where two people touch, at the frame in which they are nearest: from there on it is open who is who.
std::vector<Tracklet> cut_at_contacts(std::vector<Tracklet> tracklets);

/// Joins tracklets over gaps to one for each person. Who goes on as whom is decided for all at once, by appearance (as
/// it is while nobody touches) and by motion; a tracklet that was cut goes on as itself unless appearance speaks
/// against it; who leaves at a side of the `frame` and comes back later than a few frames is somebody else. In order of
/// appearance.
std::vector<Tracklet> linked(const std::vector<Tracklet>& tracklets, Size frame);

}  // namespace retime
