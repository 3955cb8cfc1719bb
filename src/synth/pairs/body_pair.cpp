#include "synth/pairs/body_pair.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "synth/draw/raster.hpp"
#include "synth/figure/body.hpp"

namespace retime::synth {
namespace {

constexpr double kRawHeight = 400;  // pixels of a body in the picture that its joints are told in
constexpr double kMiddle = 3;       // seconds, the middle of a performer's path

double normal(Random& random) {
  return std::sqrt(-2 * std::log(1 - random.unit())) * std::cos(2 * kPi * random.unit());
}

Path straight_path(double speed, double heading) {
  const double half = kMiddle * speed, x = half * std::sin(heading), z = half * std::cos(heading);
  return Path({{0, -x, -z}, {2 * kMiddle, x, z}}, {std::sin(heading), 0, std::cos(heading)});
}

ArmGesture random_gesture(Random& random) {
  return {random.between(0.6, 1), random.between(-0.7, 2.9), random.between(0, 1.5), random.between(0, 2.3)};
}

Posture random_posture(Random& random) {
  Posture posture;
  for (auto& arm : posture.arms)
    if (random.chance(0.4)) arm = random_gesture(random);
  if (random.chance(0.25)) posture.bow = random.between(0, 0.9);
  return posture;
}

void choose_moves(Random& random, Moves& moves, double& speed) {
  const double kind = random.unit();
  speed = random.between(0.7, 1.7);
  if (kind < 0.22) {
    moves.posture.run = random.between(0.5, 1);
    speed = random.between(2, 4);
    for (auto& arm : moves.posture.arms)
      if (arm.weight == 0) arm = {0.5, random.between(-0.6, 0.9), 0.12, random.between(1.1, 1.9)};
  } else if (kind < 0.34) {
    moves.jumps_s.push_back(kMiddle - random.between(-0.3, 0.8));
  } else if (kind < 0.5) {
    moves.dance = random.between(0.6, 1);
    speed = random.between(0, 0.4);
  } else if (kind < 0.65) {
    moves.posture.sit = random.between(0.6, 1);
    speed = 0;
  } else if (kind < 0.75) {
    speed = 0;
  }
}

Pinhole random_camera(const Pose& pose, const Build& build, Random& random) {
  const double distance = std::exp(random.between(std::log(2.5), std::log(14.0)));
  const double azimuth = random.between(0, 2 * kPi);
  const double rise = random.between(-0.1, 0.5);  // radians above the body
  const Vec3 away{std::cos(rise) * std::sin(azimuth), std::sin(rise), std::cos(rise) * std::cos(azimuth)};
  Pinhole camera = looking_at(pose.waist + away * distance, pose.waist, build.height / 2,
                              {static_cast<int>(kRawHeight), static_cast<int>(kRawHeight)});
  const double roll = random.between(-0.12, 0.12);
  const Axes& axes = camera.axes;
  camera.axes = {turned(axes.right, axes.forward, roll), turned(axes.down, axes.forward, roll), axes.forward};
  return camera;
}

CocoJoints seen_joints(const Build& build, const Pose& pose, const Pinhole& camera) {
  CocoJoints joints;
  const auto places = coco_keypoints(build, pose);
  for (std::size_t i = 0; i < joints.size(); ++i) {
    const Projected p = camera.project(places[i]);
    joints[i] = {static_cast<float>(p.u), static_cast<float>(p.v), 1};
  }
  return joints;
}

void swap_sides(CocoJoints& joints, CocoJoint first, CocoJoint last) {
  for (std::size_t i = first; i < last; i += 2) std::swap(joints[i], joints[i + 1]);
}

// Joints on one side of a line through the body are hidden by something.
void drop_side(CocoJoints& joints, Random& random) {
  const double angle = random.between(0, 2 * kPi), nx = std::cos(angle), ny = std::sin(angle);
  std::vector<double> along;
  for (const auto& joint : joints) along.push_back(nx * joint.x + ny * joint.y);
  std::vector<double> sorted = along;
  std::sort(sorted.begin(), sorted.end());
  const double cut = sorted[static_cast<std::size_t>(random.between(6, 16))];
  for (std::size_t i = 0; i < joints.size(); ++i)
    if (along[i] > cut) joints[i].confidence = 0;
}

Image drawn_parts(const Mesh& mesh, const Pinhole& camera) {
  Image iuv(camera.size, 3);
  const FragmentBuffer drawn = rasterize(mesh, camera, {0, 0, camera.size.width, camera.size.height});
  for (int y = 0; y < camera.size.height; ++y)
    for (int x = 0; x < camera.size.width; ++x) {
      const Fragment& f = drawn.at(x, y);
      if (f.triangle < 0) continue;
      const Vertex v = surface_point(mesh, f);
      const PartPoint p = part_point(mesh.triangles[static_cast<std::size_t>(f.triangle)].limb, v.around, v.along);
      std::uint8_t* pixel = iuv.row(y) + 3 * x;
      const auto level = [](double unit) {
        return static_cast<std::uint8_t>(std::lround(255 * std::clamp(unit, 0.0, 1.0)));
      };
      pixel[0] = static_cast<std::uint8_t>(p.part), pixel[1] = level(p.u), pixel[2] = level(p.v);
    }
  return iuv;
}

}  // namespace

Performer random_performer(Random& random) {
  Performer performer;
  performer.build = make_build(random);
  performer.moves.stride_phase = random.unit();
  performer.moves.swing = random.between(0.5, 1.5);
  performer.moves.beat_hz = random.between(1.2, 2.4);
  performer.moves.posture = random_posture(random);
  double speed = 0;
  choose_moves(random, performer.moves, speed);
  performer.path = straight_path(speed, random.between(0, 2 * kPi));
  return performer;
}

CocoJoints noisy_joints(CocoJoints joints, double height, const JointNoise& noise, Random& random) {
  for (auto& joint : joints) {
    const double spread = random.chance(noise.outliers) ? 0.15 : noise.spread;
    const double dx = normal(random), dy = normal(random);
    joint.x += static_cast<float>(spread * height * dx);
    joint.y += static_cast<float>(spread * height * dy);
    joint.confidence *= static_cast<float>(random.between(0.5, 1));
    if (random.chance(noise.drop)) joint.confidence = 0;
  }
  if (random.chance(noise.swaps)) swap_sides(joints, kLeftShoulder, kLeftHip);
  if (random.chance(noise.swaps)) swap_sides(joints, kLeftHip, static_cast<CocoJoint>(kRightAnkle + 1));
  if (random.chance(noise.drop_side)) drop_side(joints, random);
  return joints;
}

BodyPair draw_body_pair(std::uint64_t seed, std::uint64_t index, int size, const JointNoise& noise) {
  Random random(mix_bits(seed) ^ mix_bits(index + 0x51ed2701ULL));
  for (;;) {
    const Performer performer = random_performer(random);
    const Pose pose = pose_at(performer, kMiddle);
    const Pinhole camera = random_camera(pose, performer.build, random);
    const auto joints = noisy_joints(seen_joints(performer.build, pose, camera), kRawHeight, noise, random);
    const auto crop = crop_around(joints);
    if (!crop) continue;
    Mesh mesh;
    add_body(mesh, performer.build, pose);
    const double scale = size / crop->side;
    // Edges of pixels lie half a pixel beside their centres.
    const Pinhole view = camera.windowed(crop->left, crop->top, scale, {size, size});
    return {joints_in_crop(joints, *crop, size), drawn_parts(mesh, view)};
  }
}

}  // namespace retime::synth
