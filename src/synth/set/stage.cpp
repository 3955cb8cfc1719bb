#include "synth/set/stage.hpp"

namespace retime::synth {
namespace {

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
