#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/body/body_network.hpp"
#include "data/keypoints/object_keypoints.hpp"
#include "data/masks/object_source.hpp"

namespace retime {

/// How sure the masks of people are.
enum class OutlineTrust {
  kMasks,   ///< as sure as masks are: they cut a body's map, and continue it where it does not reach
  kPainted  ///< painted from joints: a rim inside the outline is unknown too
};

/// People with body parts: the keypoint-to-UV network paints their maps from their joints. Masks, order and what is
/// visible are those of the objects it is made from, and so are the maps of objects without joints. A frame in which
/// somebody's joints are not known has the map of a box, as part 1.
class BodyObjects final : public ObjectSource {
 public:
  /// `joints`: of the tracks of `objects`, in pixels of the full size.
  BodyObjects(std::unique_ptr<ObjectSource> objects, ObjectJoints joints, std::shared_ptr<BodyNetwork> network,
              const SceneSizes& sizes, OutlineTrust trust);

  const std::vector<MaskTrack>& tracks() const override { return objects_->tracks(); }
  const std::vector<MaskTrack>& visible() const override { return objects_->visible(); }
  std::vector<std::vector<int>> order() const override { return objects_->order(); }
  int parts(int object) const override;
  ObjectMaps maps(int object, int frame) const override;

 private:
  bool has_joints(int object) const;

  std::unique_ptr<ObjectSource> objects_;
  ObjectJoints joints_;
  std::shared_ptr<BodyNetwork> network_;
  SceneSizes sizes_;
  OutlineTrust trust_;
};

/// The silhouettes of people as the network paints them, named 01, 02, ... in the order of their identities (of
/// appearance, where there are none). Who is painted in fewer than six frames is left out. `frames`: number and size of
/// the clip's, in pixels of which the joints are.
std::vector<MaskTrack> painted_people(const std::vector<KeypointTrack>& people, BodyNetwork& network, int frame_count,
                                      Size size, bool show_progress = false);

}  // namespace retime
