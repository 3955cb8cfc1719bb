#include "synth/figure/body.hpp"

namespace retime::synth {
namespace {

Frame mixed(const Frame& a, const Frame& b, double w) {
  Frame f;
  f.up = normalized(mix(a.up, b.up, w));
  f.right = normalized(cross(f.up, mix(a.forward, b.forward, w)));
  f.forward = cross(f.right, f.up);
  return f;
}

void add_torso(Mesh& mesh, const Build& b, const Pose& pose) {
  const double h = b.height, hip = b.hip_half + 0.047 * h * b.girth, shoulder = b.shoulder_half + 0.006 * h,
               g = b.girth;
  const std::vector<Key> wide{{0, 0.03 * h},         {0.07, 0.8 * hip},   {0.2, hip},
                              {0.42, 0.083 * h * g}, {0.65, 0.1 * h * g}, {0.82, shoulder},
                              {0.9, 0.6 * shoulder}, {0.95, 0.037 * h},   {1, 0.034 * h}};
  const std::vector<Key> deep{{0, 0.03 * h},        {0.07, 0.062 * h * g}, {0.2, 0.07 * h * g}, {0.42, 0.06 * h * g},
                              {0.65, 0.07 * h * g}, {0.82, 0.052 * h * g}, {0.95, 0.036 * h},   {1, 0.034 * h}};
  std::vector<Ring> rings;
  constexpr int kRings = 18;
  const double low = -0.055 * h, high = norm(pose.neck - pose.pelvis) + 0.045 * h;
  for (int i = 0; i <= kRings; ++i) {
    const double along = static_cast<double>(i) / kRings, y = mix(low, high, along);
    const Frame f = mixed(pose.hips, pose.trunk, smoothstep(0.2, 0.6, along));
    const double bend = 0.012 * h * std::sin(2 * kPi * along);
    const Vec3 lower = pose.pelvis + pose.hips.up * y;
    const Vec3 upper = pose.neck + pose.trunk.up * (y - high + 0.045 * h);
    const Vec3 centre = mix(lower, upper, smoothstep(0.1, 0.7, along)) + f.forward * bend;
    rings.push_back({centre, f.right * profile(wide, along), f.forward * profile(deep, along), along});
  }
  add_loft(mesh, rings, 20, Limb::kTorso);
}

void add_head(Mesh& mesh, const Build& b, const Pose& pose) {
  std::vector<Ring> rings;
  constexpr int kRings = 14;
  const Frame& f = pose.face;
  for (int i = 0; i <= kRings; ++i) {
    const double along = static_cast<double>(i) / kRings, angle = kPi * (0.04 + 0.95 * along);
    const double round = std::sin(angle), jaw = mix(0.8, 1.0, smoothstep(0.05, 0.5, along));
    const Vec3 centre = pose.head - f.up * (b.head * std::cos(angle)) + f.forward * (0.012 * (1 - along));
    Ring ring{centre, f.right * (0.7 * b.head * round * jaw), f.forward * (0.86 * b.head * round), along, {}};
    ring.stretch.assign(17, 1.0);
    ring.stretch[8] = 1 + 0.2 * std::exp(-std::pow((along - 0.42) / 0.09, 2.0));  // the nose
    rings.push_back(std::move(ring));
  }
  add_loft(mesh, rings, 16, Limb::kHead);
}

// A bent tube over three joints; `front` gives the direction of its front.
void add_bent_tube(Mesh& mesh, const Sides<Vec3>& upper, Vec3 end, Vec3 front, const std::vector<Key>& radius,
                   int columns, Limb limb) {
  const Vec3 first = normalized(upper[1] - upper[0]), second = normalized(end - upper[1]);
  std::vector<Ring> rings;
  constexpr int kRings = 16;
  for (int i = 0; i <= kRings; ++i) {
    const double along = static_cast<double>(i) / kRings;
    const Vec3 centre = along < 0.5 ? mix(upper[0], upper[1], 2 * along) : mix(upper[1], end, 2 * along - 1);
    const Vec3 down = normalized(mix(first, second, smoothstep(0.36, 0.64, along)));
    const Vec3 right = normalized(cross(front, down));
    const double r = profile(radius, along);
    rings.push_back({centre, right * r, cross(down, right) * r, along});
  }
  add_loft(mesh, rings, columns, limb);
}

void add_leg(Mesh& mesh, const Build& b, const Pose& pose, Side side) {
  const double s = b.height * b.girth;
  const Vec3 hip = pose.hip[side] + pose.hips.up * (0.015 * b.height);
  const Vec3 front = pose.knee[side] - mix(pose.hip[side], pose.ankle[side], 0.5) + pose.foot[side].forward * 0.12;
  add_bent_tube(mesh, {hip, pose.knee[side]}, pose.ankle[side] - pose.foot[side].up * (0.2 * b.ankle), front,
                {{0, 0.045 * s},
                 {0.1, 0.052 * s},
                 {0.3, 0.045 * s},
                 {0.5, 0.034 * s},
                 {0.66, 0.035 * s},
                 {0.9, 0.026 * s},
                 {1, 0.028 * s}},
                14, side == kLeft ? Limb::kLeftLeg : Limb::kRightLeg);
}

void add_arm(Mesh& mesh, const Build& b, const Pose& pose, Side side) {
  const double s = b.height * b.girth;
  const Vec3 top =
      pose.shoulder[side] + (pose.trunk.up * 0.006 - pose.trunk.right * (side == kLeft ? -0.012 : 0.012)) * b.height;
  const Vec3 across = normalized(pose.wrist[side] - pose.shoulder[side]);
  const Vec3 front = pose.trunk.forward - across * dot(across, pose.trunk.forward) + pose.trunk.up * 0.01;
  add_bent_tube(
      mesh, {top, pose.elbow[side]}, pose.wrist[side], front,
      {{0, 0.018 * s}, {0.07, 0.033 * s}, {0.25, 0.029 * s}, {0.5, 0.024 * s}, {0.62, 0.025 * s}, {1, 0.017 * s}}, 12,
      side == kLeft ? Limb::kLeftArm : Limb::kRightArm);
}

void add_hand(Mesh& mesh, const Build& b, const Pose& pose, Side side) {
  const Vec3 along = pose.hand[side];
  const Vec3 thin = normalized(cross(pose.trunk.forward + pose.trunk.up * 0.2, along));
  const Vec3 broad = cross(along, thin);
  std::vector<Ring> rings;
  for (int i = 0; i <= 7; ++i) {
    const double w = i / 7.0, round = std::sqrt(std::max(0.0, 1 - std::pow(2 * w - 1, 4.0))) + 0.02;
    const Vec3 centre = pose.wrist[side] + along * (b.hand * (w - 0.08));
    rings.push_back(
        {centre, thin * (0.011 * b.height * round), broad * (0.023 * b.height * round * (1 - 0.25 * w)), w});
  }
  add_loft(mesh, rings, 8, side == kLeft ? Limb::kLeftHand : Limb::kRightHand);
}

void add_foot(Mesh& mesh, const Build& b, const Pose& pose, Side side) {
  const Frame& f = pose.foot[side];
  std::vector<Ring> rings;
  constexpr int kRings = 10;
  for (int i = 0; i <= kRings; ++i) {
    const double w = static_cast<double>(i) / kRings;
    const double round = std::pow(std::max(0.0, 1 - std::pow(std::abs(2 * w - 1), 4.0)), 0.5) + 0.02;
    const double tall = b.ankle * round * profile({{0, 0.75}, {0.25, 1.05}, {0.55, 0.85}, {0.8, 0.5}, {1, 0.4}}, w);
    const double wide = 0.029 * b.height * round * profile({{0, 0.75}, {0.3, 0.8}, {0.7, 1.1}, {1, 0.9}}, w);
    const Vec3 centre = pose.ankle[side] + f.forward * (b.foot * mix(-0.27, 0.73, w)) + f.up * (tall / 2 - b.ankle);
    rings.push_back({centre, f.right * wide, f.up * (0.52 * tall), w});
  }
  add_loft(mesh, rings, 10, side == kLeft ? Limb::kLeftFoot : Limb::kRightFoot);
}

PartPoint half(int back, int front, double around, double along) {
  const double turn = around - std::floor(around);
  if (turn > 0.25 && turn < 0.75) return {front, (turn - 0.25) * 2, along};
  return {back, (turn <= 0.25 ? turn + 0.25 : turn - 0.75) * 2, along};
}

PartPoint jointed(const Sides<int>& back, const Sides<int>& front, double around, double along) {
  const std::size_t lower = along < 0.5 ? 0 : 1;
  return half(back[lower], front[lower], around, lower ? 2 * along - 1 : 2 * along);
}

}  // namespace

void add_body(Mesh& mesh, const Build& build, const Pose& pose) {
  add_torso(mesh, build, pose);
  add_head(mesh, build, pose);
  for (const Side side : {kLeft, kRight}) {
    add_leg(mesh, build, pose, side);
    add_foot(mesh, build, pose, side);
    add_arm(mesh, build, pose, side);
    add_hand(mesh, build, pose, side);
  }
}

PartPoint part_point(Limb limb, double around, double along) {
  switch (limb) {
    case Limb::kTorso:
      return half(1, 2, around, along);
    case Limb::kRightHand:
      return {3, around, along};
    case Limb::kLeftHand:
      return {4, around, along};
    case Limb::kLeftFoot:
      return {5, around, along};
    case Limb::kRightFoot:
      return {6, around, along};
    case Limb::kRightLeg:
      return jointed({7, 11}, {9, 13}, around, along);
    case Limb::kLeftLeg:
      return jointed({8, 12}, {10, 14}, around, along);
    case Limb::kLeftArm:
      return jointed({15, 19}, {17, 21}, around, along);
    case Limb::kRightArm:
      return jointed({16, 20}, {18, 22}, around, along);
    case Limb::kHead:
      return around < 0.5 ? PartPoint{23, 2 * around, along} : PartPoint{24, 2 * around - 1, along};
    default:
      return {};
  }
}

std::array<Vec3, 17> coco_keypoints(const Build& b, const Pose& pose) {
  const Frame& f = pose.face;
  const auto face = [&](double right, double up, double forward) {
    return pose.head + (f.right * right + f.up * up + f.forward * forward) * b.head;
  };
  return {face(0, -0.1, 0.95),  face(-0.3, 0.1, 0.8),  face(0.3, 0.1, 0.8), face(-0.7, 0, 0),   face(0.7, 0, 0),
          pose.shoulder[kLeft], pose.shoulder[kRight], pose.elbow[kLeft],   pose.elbow[kRight], pose.wrist[kLeft],
          pose.wrist[kRight],   pose.hip[kLeft],       pose.hip[kRight],    pose.knee[kLeft],   pose.knee[kRight],
          pose.ankle[kLeft],    pose.ankle[kRight]};
}

}  // namespace retime::synth
