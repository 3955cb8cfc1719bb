#include "synth/set/options.hpp"

#include <fmt/format.h>

#include <charconv>

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
  require(seed >= 0, fmt::format("seed is {} (0 and more are possible)", seed));
  require(frames >= 2 && frames <= 9999, fmt::format("frames is {} (2 to 9999 are possible)", frames));
  require(fps >= 1 && fps <= 240, fmt::format("fps is {} (1 to 240 are possible)", fps));
  require(noise >= 0 && noise <= 50, fmt::format("noise is {:f} (0 to 50 are possible)", noise));
  require(drift >= 0 && drift <= 0.5, fmt::format("drift is {:f} (0 to 0.5 are possible)", drift));
  require(samples >= 1 && samples <= 256, fmt::format("samples is {} (1 to 256 are possible)", samples));
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
