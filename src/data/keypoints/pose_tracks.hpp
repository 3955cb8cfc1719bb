#pragma once

#include <string>
#include <vector>

#include "data/keypoints/keypoint_records.hpp"

namespace retime {

/// How long a person may be unseen and still be followed, and how long gaps are filled, in frames.
inline constexpr int kLongestGap = 15;

/// The joints of one person over frames that follow one another; all confidences are 0 where the person was not found.
struct KeypointTrack {
  int first_frame = 0;
  std::vector<CocoJoints> frames;
  std::string identity{};  ///< who it is, as the file says; empty when it does not
  int end_frame() const { return first_frame + static_cast<int>(frames.size()); }
};

/// Follows people over the frames of a clip: identities that files give are kept (unless they contradict each other,
/// or somebody would have to leap), all others are found by what poses have in common from frame to frame, then over
/// gaps of up to `kLongestGap` frames. Joints that are hardly sure (below 0.05) count as not known; people with fewer
/// than three joints are left out.
std::vector<KeypointTrack> follow_people(std::vector<std::vector<FoundPerson>> frames);

}  // namespace retime
