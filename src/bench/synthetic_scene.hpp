#pragma once

#include <filesystem>

#include "format/image.hpp"

namespace retime {

/// A scene to measure on: bodies of equal size that walk over a ramp of colours, all of them in every frame, so that
/// every frame costs the same and ranks have equal shares.
struct SyntheticScene {
  Size size{224, 128};  ///< training size; both sides even
  int objects = 2;
  int frames = 16;

  /// Writes scene.h5 with mattes, visibility, plate and lighting, as `retime prepare` would. Throws Error.
  void write(const std::filesystem::path& path) const;
};

}  // namespace retime
