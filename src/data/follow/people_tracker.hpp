#pragma once

#include <string>
#include <vector>

#include "data/decode/frame_source.hpp"
#include "data/follow/people_finder.hpp"
#include "data/masks/mask_track.hpp"
#include "pose/joints.hpp"

namespace retime {

struct FollowOptions {
  int detect_every = 8;  ///< frames between searches for people who have come in
  int min_frames = 6;    ///< people seen in fewer frames, of a clip that has as many, are left out
  bool show_progress = false;
};

/// A person over the whole clip.
struct FollowedPerson {
  MaskTrack masks;                 ///< what is visible, in every frame
  std::vector<CocoJoints> joints;  ///< in every frame, in its pixels; not known where the person is not seen
  std::vector<float> confidence;   ///< in every frame, 0 (not seen) to 1
  int crossings = 0;               ///< times that somebody else came so near that the two had to be told apart again
};

/// Finds the people of a clip, whatever its camera does, and follows each from the first to the last frame in which
/// somebody is seen: named "object_1", ... in order of appearance. Nobody is an empty list.
std::vector<FollowedPerson> follow_people(const FrameSequence& frames, PeopleFinder& finder,
                                          const FollowOptions& options);

/// "a person, frames 0 to 84, seen in 83 (confidence 0.97), 1 gap, 2 crossings".
std::string report_of(const FollowedPerson& person);

}  // namespace retime
