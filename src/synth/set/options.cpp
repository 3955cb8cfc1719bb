#include "synth/set/options.hpp"

#include <charconv>

#include "core/require.hpp"

namespace retime::synth {
namespace {

constexpr int kMinSide = 16, kMaxSide = 2048;

int parsed(const std::string& text) {
  int value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc{} && result.ptr == text.data() + text.size() ? value : -1;
}

}  // namespace

void SynthOptions::add_to(OptionTable& table) {
  const std::string section = "synth";
  table.add_choice(section, "scene", scene, {"shadows", "reflections", "order", "camera", "splash", "dance"},
                   "what happens: shadows, reflections, order, camera, splash or dance");
  table.add(section, "seed", seed, "draws room, people, clothes and light");
  table.add(section, "size", size, "training size WxH, pixels; the frames are twice as large");
  table.add(section, "frames", frames, "number of frames");
  table.add(section, "fps", fps, "frames per second");
  table.add(section, "noise", noise, "standard deviation of the sensor's noise, levels of 255");
  table.add(section, "drift", drift, "how much brightness and tint drift over the clip, 0 to 0.5");
  table.add(section, "samples", samples, "samples per pixel, over shutter time and lamp");
}

void SynthOptions::validate() const {
  training_size();
  require(seed >= 0, "seed is " + std::to_string(seed) + " (0 and more are possible)");
  require(frames >= 2 && frames <= 9999, "frames is " + std::to_string(frames) + " (2 to 9999 are possible)");
  require(fps >= 1 && fps <= 240, "fps is " + std::to_string(fps) + " (1 to 240 are possible)");
  require(noise >= 0 && noise <= 50, "noise is " + std::to_string(noise) + " (0 to 50 are possible)");
  require(drift >= 0 && drift <= 0.5, "drift is " + std::to_string(drift) + " (0 to 0.5 are possible)");
  require(samples >= 1 && samples <= 256, "samples is " + std::to_string(samples) + " (1 to 256 are possible)");
}

Size SynthOptions::training_size() const {
  const auto x = size.find('x');
  const int width = x == std::string::npos ? -1 : parsed(size.substr(0, x));
  const int height = x == std::string::npos ? -1 : parsed(size.substr(x + 1));
  const bool good = std::min(width, height) >= kMinSide && std::max(width, height) <= kMaxSide;
  require(good, "size is '" + size + "' (WxH with sides from 16 to 2048, as in 224x128)");
  return {width, height};
}

Size SynthOptions::full_size() const {
  const Size half = training_size();
  return {2 * half.width, 2 * half.height};
}

}  // namespace retime::synth
