#pragma once

#include "synth/draw/raster.hpp"

namespace retime::synth {

/// What a mesh hides from one point of a lamp.
class ShadowMap {
 public:
  ShadowMap(const Mesh& mesh, Vec3 lamp, Size size);

  /// How much of the light from the lamp's point to `point` the mesh takes, 0 to 1, smooth over a texel; what is less
  /// than `bias` metres before the point does not count.
  double blocked(Vec3 point, double bias) const;

 private:
  double hides(int x, int y, double depth) const {
    return x >= 0 && y >= 0 && x < camera_.size.width && y < camera_.size.height && map_.at(x, y).depth < depth ? 1 : 0;
  }

  Pinhole camera_;
  FragmentBuffer map_;
};

}  // namespace retime::synth
