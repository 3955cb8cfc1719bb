#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "format/image.hpp"
#include "format/scene.hpp"

namespace retime {

/// The colour in which pictures show object `object`, RGB.
std::array<std::uint8_t, 3> object_color(int object);

/// What a scene knows of its objects, drawn over its frames: their maps (U and V as shades of the object's colour),
/// outlines, names with the place in depth (1 is in front), and where a camera that moves looks.
class ObjectPictures {
 public:
  /// The scene must outlive it.
  explicit ObjectPictures(const SceneReader& scene);

  /// RGB at full size.
  Image frame(int frame) const;

 private:
  const SceneReader& scene_;
  CameraPath camera_;  ///< without homographies if the camera stands still
};

}  // namespace retime
