#pragma once

#include <cstdint>
#include <string>

#include "core/options.hpp"
#include "format/image.hpp"

namespace retime::synth {

/// What `retime synth` makes.
struct SynthOptions {
  std::string scene = "shadows";  ///< shadows, reflections, order, camera, splash or dance
  int seed = 1;
  std::string size = "224x128";  ///< training size WxH; full size is twice that
  int frames = 40;
  int fps = 12;
  double noise = 1.5;   ///< standard deviation of the sensor's noise in middle gray, levels of 255
  double drift = 0.04;  ///< amplitude of the lighting's drift, relative
  int samples = 16;     ///< per pixel, spread over the shutter time and the lamp

  void add_to(OptionTable& table);
  /// Throws UsageError.
  void validate() const;
  /// Throws UsageError.
  Size training_size() const;
  Size full_size() const;
};

}  // namespace retime::synth
