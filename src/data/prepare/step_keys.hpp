#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/masks/mask_track.hpp"
#include "format/scene.hpp"

namespace retime {

/// Puts together what a step is made from, to tell whether it has to be made again.
class StepKey {
 public:
  StepKey& add(std::uint64_t value);
  StepKey& add(const BoxMask& mask);
  StepKey& add(std::span<const double> values);
  std::uint64_t value() const;

 private:
  std::string bytes_;
};

/// What tells apart programs and networks that may come to other results from the same clip and options.
std::string preparing_steps();

/// Of what the motion of a camera is found from, beside the clip.
std::uint64_t camera_key(const std::vector<MaskTrack>& tracks);

/// Of what the background is estimated from, beside the clip.
std::uint64_t backdrop_key(const std::vector<MaskTrack>& tracks, const CameraPath& camera);

}  // namespace retime
