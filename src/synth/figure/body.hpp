#pragma once

#include "synth/draw/mesh.hpp"
#include "synth/figure/pose.hpp"

namespace retime::synth {

/// Adds the surface of a body with tight clothes.
void add_body(Mesh& mesh, const Build& build, const Pose& pose);

/// DensePose's body part (1 to 24) and the place in it, U around and V along, in [0, 1].
struct PartPoint {
  int part = 0;  ///< 0: no part (loose cloth)
  double u = 0, v = 0;
};
PartPoint part_point(Limb limb, double around, double along);

/// COCO's 17 keypoints of a pose, world coordinates.
std::array<Vec3, 17> coco_keypoints(const Build& build, const Pose& pose);

}  // namespace retime::synth
