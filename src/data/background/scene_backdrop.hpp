#pragma once

#include <vector>

#include "data/background/lighting.hpp"
#include "data/background/plate.hpp"
#include "data/matting/matting.hpp"
#include "format/scene.hpp"

namespace retime {

/// The background of a clip: what each frame would show without its objects.
class SceneBackdrop {
 public:
  /// Estimates plate and lighting. `camera` (pixels of `training_size`) may be empty: standing still.
  SceneBackdrop(const FrameSequence& source, const std::vector<MaskTrack>& tracks, const CameraPath& camera,
                Size training_size, bool show_progress = false);

  /// From what was estimated before.
  SceneBackdrop(const CameraPath& camera, Size training_size, Size full_size, Plate plate,
                std::vector<FrameLighting> lighting)
      : plane_(camera, training_size, full_size), plate_(std::move(plate)), lighting_(std::move(lighting)) {}

  /// The plate as frame `frame` would show it. With a moving camera the noise allows for a small misregistration.
  Backdrop frame(int frame) const;
  const Plate& plate() const { return plate_; }
  SceneLighting lighting() const;
  const std::vector<FrameLighting>& frame_lighting() const { return lighting_; }

 private:
  CameraPlane plane_;
  Plate plate_;
  std::vector<FrameLighting> lighting_;
};

}  // namespace retime
