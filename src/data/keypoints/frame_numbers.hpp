#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/decode/frame_source.hpp"
#include "data/keypoints/keypoint_records.hpp"

namespace retime {

/// The clip that keypoints belong to, and the part of it that is taken.
struct KeypointClip {
  int total_frames = 0;              ///< of the whole clip; 0: not known
  std::vector<std::string> names{};  ///< file names of all its frames; empty for a video
  int first_frame = 0;               ///< taken, counted from 0
  int frame_count = 0;               ///< taken
};

/// `frames`: where they come from, a video or a folder; `count`: how many were taken from the beginning of `range` on.
KeypointClip clip_of_keypoints(const std::filesystem::path& frames, const FrameSource& source, const FrameRange& range,
                               int count);

/// The people in each frame that is taken. Which picture is which frame is decided for all at once:
/// - by name, where the clip is a folder and all pictures are named as frames of it;
/// - by position, where there are as many pictures as the whole clip has frames;
/// - by number otherwise: from 0, or from 1 when the clip's frame count occurs as a number and 0 does not.
/// Throws Error for numbers beyond the clip, and for pictures without numbers that are not as many as its frames.
std::vector<std::vector<FoundPerson>> people_by_frame(const KeypointRecords& records, const KeypointClip& clip);

}  // namespace retime
