#pragma once

#include "data/keypoints/frame_numbers.hpp"
#include "data/keypoints/pose_tracks.hpp"
#include "data/masks/mask_track.hpp"
#include "format/image.hpp"

namespace retime {

/// Which object each track belongs to, or -1: the one whose masks, a little grown, hold most of its joints over all its
/// frames, if they hold at least half of them in the frames where the object has a mask. Of tracks that are in the same
/// frames of one object the one with more joints in it stays.
std::vector<int> objects_of_tracks(const std::vector<KeypointTrack>& tracks, const std::vector<MaskTrack>& objects);

/// Joints by object and frame; confidence 0 where they are not known.
using ObjectJoints = std::vector<std::vector<CocoJoints>>;

/// From what files hold to people over the frames of a clip, in pixels of its full size: follows them and repairs their
/// tracks.
std::vector<KeypointTrack> people_of_clip(const KeypointRecords& records, const KeypointClip& clip, Size full_size);

/// From people to joints of the objects, in pixels of the masks: finds whose they are and tells in the log what became
/// of them, but for those of objects that are `removed`.
ObjectJoints joints_of_objects(const std::vector<KeypointTrack>& tracks, const std::vector<MaskTrack>& objects,
                               int frame_count, const std::vector<MaskTrack>& removed = {});

/// Both, one after the other.
ObjectJoints joints_of_objects(const KeypointRecords& records, const KeypointClip& clip,
                               const std::vector<MaskTrack>& objects, Size full_size);

}  // namespace retime
