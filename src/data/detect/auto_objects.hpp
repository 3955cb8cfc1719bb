#pragma once

#include <vector>

#include "data/decode/frame_source.hpp"
#include "data/geometry/camera_plane.hpp"
#include "data/masks/mask_track.hpp"

namespace retime {

/// Pictures that are wider are searched at this width.
inline constexpr int kSearchWidth = 800;

struct AutoObjectsOptions {
  int max_objects = 0;       ///< 0 = as many as there are; N = keep the N largest
  int plate_samples = 120;   ///< frames that the background plate is taken from, at most
  float min_area = 0.003F;   ///< smallest typical area of an object, as a fraction of the picture
  int min_frames = 6;        ///< tracks seen in fewer frames are dropped
  int max_gap = 12;          ///< frames an object may be lost (not at the picture's border) and still be the same
  bool refine_edges = true;  ///< snap the masks' edges to the picture's edges
  bool may_find_none = false;
  bool show_progress = false;

  /// Throws Error naming the first value that is out of range.
  void validate() const;
};

/// Finds the moving objects of a clip from a static camera: one track (bodies without their shadows) per object, named
/// "object_1", ... in order of appearance. Whoever leaves the picture and comes back later is a new object.
/// Throws Error if nothing moves and something must.
std::vector<MaskTrack> find_objects(const FrameSequence& source, const AutoObjectsOptions& options);

/// A camera that moves, and what is known before.
struct MovingCamera {
  CameraPlane plane;             ///< of frames of any size
  std::vector<MaskTrack> known;  ///< objects found already, in frames of the clip's size
  double rate = 25;              ///< frames per second
};

/// The same before a camera that moves: only what surely moves by itself (`Evidence`), since waves, leaves and what is
/// near change as well. Throws Error where so much changes that nothing can be told, unless nothing may be found.
std::vector<MaskTrack> find_objects(const FrameSequence& source, const MovingCamera& camera,
                                    const AutoObjectsOptions& options);

}  // namespace retime
