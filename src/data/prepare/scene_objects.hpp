#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "data/correct/corrected_tracks.hpp"
#include "data/keypoints/object_keypoints.hpp"
#include "data/masks/object_groups.hpp"
#include "data/masks/object_source.hpp"
#include "data/prepare/found_objects.hpp"
#include "data/released/released_folder.hpp"

namespace retime {

/// The objects of a scene, and how they came about.
struct SceneObjects {
  FoundObjects found;                    ///< as they were found; none when they were brought
  CorrectedTracks corrected;             ///< tracks after corrections, before completion and grouping
  ObjectGroups layers;                   ///< the tracks of each object
  std::unique_ptr<ObjectSource> source;  ///< completed, grouped
  std::vector<std::vector<int>> order;   ///< per frame, back to front
  std::vector<MaskTrack> visible;        ///< what frames show of the objects
  ObjectJoints joints;                   ///< of the objects; empty where nobody's joints are known
};

/// What the objects of a scene are made from; all of it outlives the call.
struct ObjectRequest {
  const PrepareOptions& options;
  const std::optional<ReleasedFolder>& released;
  const Corrections& corrections;
  const std::optional<std::vector<KeypointTrack>> brought;  ///< people whom keypoints tell, in pixels of the full size
  const FrameSequence& frames;
  Size clip_size;  ///< of the clip's own frames
  SceneSizes sizes;
  double rate = 25;  ///< frames per second
  CameraRequest camera;
};

/// Finds or reads the objects, unless they were `found` before, corrects, completes, groups and orders them. Throws
/// Error.
SceneObjects scene_objects(const ObjectRequest& request, std::optional<FoundObjects> found);

}  // namespace retime
