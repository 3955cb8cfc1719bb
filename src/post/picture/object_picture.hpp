#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "format/image.hpp"
#include "format/scene.hpp"
#include "pose/joints.hpp"

namespace retime {

/// The colour in which pictures show object `object`, RGB.
std::array<std::uint8_t, 3> object_color(int object);

/// What a scene knows of its objects, drawn over its frames: their maps (U and V as shades of the object's colour),
/// outlines, names with the place in depth (1 is in front), joints, and where a camera that moves looks.
class ObjectPictures {
 public:
  /// The scene must outlive it.
  explicit ObjectPictures(const SceneReader& scene);

  /// RGB at full size.
  Image frame(int frame) const;

 private:
  const SceneReader& scene_;
  std::vector<std::vector<CocoJoints>> joints_;  ///< [object][frame]; empty without joints
  CameraPath camera_;                            ///< without homographies if the camera stands still
};

}  // namespace retime
