#include "synth/set/stage.hpp"

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

constexpr double kCameraHeight = 1.62;
constexpr double kFieldOfView = 0.9;  // radians, across
constexpr Size kLandscape{7, 4};

Decor decor_of(const std::string& scene, Random& random) {
  if (scene == "reflections") return Decor::kHall;
  if (scene == "camera") return random.chance(0.5) ? Decor::kPlaza : Decor::kHome;
  if (scene == "splash") return Decor::kPool;
  if (scene == "dance") return Decor::kStudio;
  if (scene == "order") return random.chance(0.5) ? Decor::kPlaza : Decor::kHome;
  return random.chance(0.5) ? Decor::kHome : Decor::kPlaza;
}

std::string describe(const std::string& scene) {
  if (scene == "reflections") return "two people cross on a glossy floor";
  if (scene == "order") return "three people walk around each other and change who is in front";
  if (scene == "camera") return "a turning camera follows two people who cross";
  if (scene == "splash") return "two people walk and jump in shallow water";
  if (scene == "dance") return "two people dance and swap places";
  return "two people cross; their shadows fall on floor and wall";
}

Vec3 towards_camera(const std::string& scene) { return scene == "dance" ? Vec3{0, 0, -6} : Vec3{0, 0, -1}; }

double shaking(std::uint64_t seed, double progress) {
  double sum = 0;
  for (int i = 1; i <= 4; ++i) {
    const double phase = 6.28 * hash_unit(i, 3, seed);
    sum += std::sin(6.28 * progress * (2.3 * i + hash_unit(i, 4, seed)) + phase) / i;
  }
  return sum / 2;
}

void mirror(Choreography& c) {
  for (auto& way : c.ways)
    for (Stop& stop : way) stop.x = -stop.x;
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

Stage make_stage(const SynthOptions& options) {
  Random random(static_cast<std::uint64_t>(options.seed) * 1000003ULL +
                mix_bits(options.scene.size() * 131 + static_cast<unsigned char>(options.scene[0])));
  Stage stage;
  stage.room = make_room(decor_of(options.scene, random), random);
  stage.water.present = options.scene == "splash";
  Choreography c = choreograph(options.scene, 0.5 * (options.frames - 1) / options.fps, random);
  const bool mirrored = random.chance(0.5);
  if (mirrored) mirror(c);
  for (std::size_t i = 0; i < c.ways.size(); ++i) {
    Figure figure;
    figure.performer = {make_build(random), Path(c.ways[i], towards_camera(options.scene)), c.moves[i]};
    figure.outfit = make_outfit(random, static_cast<int>(i) + options.seed, c.loose[i]);
    stage.figures.push_back(std::move(figure));
  }
  if (options.scene == "camera") {
    const double side = mirrored ? -1 : 1;
    stage.camera = {-0.13 * side, 0.12 * side, 0.14, 0.025, 0.006, random.bits()};
  }
  stage.edits = make_edits(options.frames);
  stage.description = describe(options.scene);
  return stage;
}

Pinhole stage_camera(const Stage& stage, Size full_size, double progress) {
  const CameraMotion& m = stage.camera;
  const double way = smoothstep(-0.15, 1.15, progress);
  const double pan = mix(m.pan_from, m.pan_to, way) + m.shake * shaking(m.seed, progress);
  const double tilt = m.tilt + m.tilt_swing * std::sin(2.6 * progress) + m.shake * shaking(m.seed + 1, progress);
  Pinhole camera;
  camera.position = {0, kCameraHeight, 0};
  camera.axes = camera_axes(pan, tilt, 1.2 * m.shake * shaking(m.seed + 2, progress));
  camera.size = full_size;
  const double across =
      std::min<double>(full_size.width, full_size.height * kLandscape.width / double(kLandscape.height));
  camera.focal = 0.5 * across / std::tan(kFieldOfView / 2);
  camera.cu = 0.5 * (full_size.width - 1);
  camera.cv = 0.5 * (full_size.height - 1);
  return camera;
}

}  // namespace retime::synth
