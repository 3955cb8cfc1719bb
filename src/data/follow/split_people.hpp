#pragma once

#include <map>
#include <vector>

#include "data/decode/frame_source.hpp"
#include "data/follow/contacts.hpp"

namespace retime {

/// Masks by frame.
using SoftMasks = std::map<int, SoftMask>;

/// The masks of the people of a contact in its frames, told apart: labels are carried by optical flow from the last
/// clean frame before and from the first one after it, and weighed by how likely each pixel's colour is on each of
/// them. What is body at all is what the poses or the flow say. One entry for each of `contact.people`; empty where
/// neither of the two clean frames shows them all.
std::vector<SoftMasks> split_people(const FrameSequence& frames, const std::vector<Tracklet>& people,
                                    const PeopleContact& contact);

}  // namespace retime
