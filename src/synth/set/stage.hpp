#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/options.hpp"
#include "format/image.hpp"
#include "synth/draw/pinhole.hpp"
#include "synth/figure/figure.hpp"
#include "synth/set/room.hpp"
#include "synth/set/water.hpp"

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

/// How a camera turns on the spot over a clip: from one end to the other, with a hand's shake.
struct CameraMotion {
  double pan_from = 0, pan_to = 0, tilt = 0.14, tilt_swing = 0, shake = 0;  ///< radians
  std::uint64_t seed = 0;
  bool moves() const { return pan_from != pan_to || tilt_swing != 0 || shake != 0; }
};

/// An edit of a scene in the language of docs/edits.md, as JSON text.
struct NamedEdit {
  std::string name, json;
};

/// Everything that a scene is drawn from.
struct Stage {
  Room room;
  Water water;
  std::vector<Figure> figures;
  CameraMotion camera;
  std::vector<NamedEdit> edits;
  std::string description;
};

/// Draws the scene that the options name. Time 0 is frame 0; times are in seconds.
Stage make_stage(const SynthOptions& options);

/// The camera of a stage at `progress` in [0, 1] of the clip, pixels of the full size.
Pinhole stage_camera(const Stage& stage, Size full_size, double progress);

/// Paths of the people of a scene; `half_s` is half the clip's length, and they meet in its middle.
struct Choreography {
  std::vector<std::vector<Stop>> ways;
  std::vector<Moves> moves;
  std::vector<Loose> loose;
};
Choreography choreograph(const std::string& scene, double half_s, Random& random);

/// The edits of a scene with `frames` frames: shift, freeze, slow, swap and duplicate.
std::vector<NamedEdit> make_edits(int frames);

}  // namespace retime::synth
