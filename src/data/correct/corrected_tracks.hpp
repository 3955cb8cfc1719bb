#pragma once

#include <string>
#include <vector>

#include "data/correct/corrections.hpp"
#include "data/masks/mask_track.hpp"

namespace retime {

/// Objects that share a layer; indices of tracks.
struct CorrectedGroup {
  std::vector<int> objects;
  std::string name;
};

/// Who stands where in some frames: each entry the tracks of one name, back to front.
struct CorrectedOrder {
  std::vector<std::vector<int>> objects;
  FrameSpan frames;
};

/// Joints of a track in a frame.
struct CorrectedJoints {
  int object = 0;
  FixJoints fix;
};

/// Tracks as people have put them right, and what they say besides, in terms of these tracks.
struct CorrectedTracks {
  std::vector<MaskTrack> tracks;
  std::vector<std::vector<int>> origin;       ///< [tracks][frames]: whose mask it is, unchanged, of those found; -1
  std::vector<std::vector<BoxMask>> unknown;  ///< [tracks][frames]: where nobody knows whether it is the object
  std::vector<bool> left_out;                 ///< [frames]
  std::vector<int> cuts;                      ///< frames at which objects were split
  std::vector<CorrectedGroup> groups;
  std::vector<CorrectedOrder> orders;
  std::vector<CorrectedJoints> joints;
  std::vector<MaskTrack> removed;     ///< as they were then
  std::vector<std::string> warnings;  ///< of what is likely not meant
  std::vector<std::string> changes;   ///< what was done, a line for each correction
};

/// Whether masks of objects can be changed, or belong to maps of bodies, which cannot.
enum class MaskKind { kFree, kOfBodyMaps };

/// Applies corrections, one after the other, to tracks over frames of `size`. Throws Error for an object that is not
/// there, a name that is taken, a split that leaves nothing on a side, an object that ends without a mask.
CorrectedTracks corrected_tracks(const Corrections& corrections, std::vector<MaskTrack> found, Size size,
                                 MaskKind kind = MaskKind::kFree);

}  // namespace retime
