#pragma once

#include <vector>

#include "data/follow/sighting.hpp"

namespace retime {

inline constexpr int kContactMargin = 2;  ///< frames around a contact in which masks may be mixed already

/// Some frames in which masks cannot be trusted: people touch, or somebody is not seen between two sightings.
struct PeopleContact {
  std::vector<std::size_t> people;  ///< indices, ascending
  int first = 0, last = 0;          ///< frames; those around them are clean where the clip and the people go on
};

/// Whether two people touch in a frame; somebody who is not seen is where the sightings around have him.
bool touch_in(const Tracklet& a, const Tracklet& b, int frame);

/// All contacts of people, by their first frames. Contacts that share people and frames are one.
std::vector<PeopleContact> find_contacts(const std::vector<Tracklet>& people);

}  // namespace retime
