#include "synth/figure/figure.hpp"

#include "synth/figure/body.hpp"

namespace retime::synth {
namespace {

// How far a leg pushes cloth out from `centre` in direction `out`: cloth hangs over what is above it.
double leg_reach(const Build& b, const Pose& pose, Side side, Vec3 centre, Vec3 out) {
  constexpr int kPoints = 6;
  double reach = 0;
  for (int i = 0; i <= 2 * kPoints; ++i) {
    const bool upper = i <= kPoints;
    const double w = static_cast<double>(upper ? i : i - kPoints) / kPoints;
    const Vec3 p = upper ? mix(pose.hip[side], pose.knee[side], w) : mix(pose.knee[side], pose.ankle[side], w);
    const double radius = (upper ? mix(0.052, 0.042, w) : 0.038) * b.height * b.girth;
    const double below = std::max(0.0, centre.y - p.y);
    if (below < radius) reach = std::max(reach, dot(p - centre, out) + std::sqrt(radius * radius - below * below));
  }
  return reach;
}

// A skirt, or with a smaller arc the tails of a coat: rings that hang below the waist and follow it late.
void add_hanging(Mesh& mesh, const Performer& p, const Outfit& o, const Pose& pose, double t, Limb limb, Arc arc,
                 double flare) {
  constexpr int kRings = 11, kColumns = 28;
  const double h = p.build.height, top = 0.09 * h;
  std::vector<Ring> rings;
  for (int i = 0; i <= kRings; ++i) {
    const double d = static_cast<double>(i) / kRings;
    const Pose late = pose_at(p, t - 0.13 * d);
    const Vec3 centre = mix(pose.pelvis, late.pelvis, d) + kUp * (top - d * o.cloth_length);
    const Frame& f = late.hips;
    const double wide = mix(0.088, 0.1 + flare, d) * h * p.build.girth,
                 deep = mix(0.066, 0.085 + flare, d) * h * p.build.girth;
    Ring ring{centre, f.right * wide, f.forward * deep, d, {}};
    for (int c = 0; c <= kColumns; ++c) {
      const double turn = 2 * kPi * (arc.from + (arc.to - arc.from) * c / kColumns);
      const Vec3 spoke = ring.right * std::sin(turn) - ring.front * std::cos(turn);
      const double fold = 1 + 0.07 * d * std::sin(7 * turn + 3 * d + 2 * std::sin(3 * t)), r = norm(spoke);
      const Vec3 out = spoke * (1 / r);
      const double reach =
          std::max(leg_reach(p.build, pose, kLeft, centre, out), leg_reach(p.build, pose, kRight, centre, out));
      ring.stretch.push_back(std::max(fold, smoothstep(0.15, 0.35, d) * (reach + 0.012) / r));
    }
    rings.push_back(std::move(ring));
  }
  add_loft(mesh, rings, kColumns, limb, arc);
}

// Something thin that hangs from an anchor of the body and trails behind it.
template <class Anchor>
void add_trailing(Mesh& mesh, const Performer& p, double t, double length, double lag, Anchor anchor, double wide,
                  double thick, Limb limb) {
  constexpr int kRings = 10;
  std::vector<Ring> rings;
  for (int i = 0; i <= kRings; ++i) {
    const double d = static_cast<double>(i) / kRings;
    const Pose late = pose_at(p, t - lag * d);
    const double sway = 0.05 * d * std::sin(2 * kPi * 1.3 * t - 3 * d);
    const Vec3 centre = anchor(late, d) - kUp * (length * d) + late.trunk.right * sway;
    const double round = std::sin(kPi * std::clamp(0.12 + 0.83 * d, 0.0, 1.0));
    const double w = limb == Limb::kScarf ? 1 : round;
    rings.push_back({centre, late.trunk.right * (wide * w), late.trunk.forward * (thick * w), d});
  }
  add_loft(mesh, rings, 8, limb);
}

void add_collar(Mesh& mesh, const Performer& p, const Pose& pose) {
  const double h = p.build.height;
  std::vector<Ring> rings;
  for (int i = 0; i <= 5; ++i) {
    const double d = i / 5.0, bulge = 1 + 0.25 * std::sin(kPi * d);
    const Vec3 centre = pose.neck + pose.trunk.up * (0.04 * h * d - 0.01 * h) + pose.trunk.forward * (0.004 * h);
    rings.push_back(
        {centre, pose.trunk.right * (0.045 * h * bulge), pose.trunk.forward * (0.047 * h * bulge), 0.1 * d});
  }
  add_loft(mesh, rings, 14, Limb::kScarf);
}

// Loose cloth and long hair, which follow the body late.
void add_loose(Mesh& mesh, const Performer& p, const Outfit& o, const Pose& pose, double t) {
  const double h = p.build.height, lag = 0.045 / (0.1 + p.build.height) * o.cloth_length * 10;
  if (o.loose == Loose::kSkirt) add_hanging(mesh, p, o, pose, t, Limb::kSkirt, {}, 0.045);
  if (o.loose == Loose::kCoat) add_hanging(mesh, p, o, pose, t, Limb::kCoat, {-0.36, 0.36}, 0.02);
  if (o.loose == Loose::kScarf) {
    add_collar(mesh, p, pose);
    const auto back = [&](const Pose& q, double d) {
      return q.neck + q.trunk.right * (0.02 * h) - q.trunk.forward * ((0.075 + 0.03 * d) * h);
    };
    add_trailing(mesh, p, t, 0.8 * o.cloth_length, 0.9 * lag, back, 0.042 * h, 0.006 * h, Limb::kScarf);
  }
  if (o.long_hair) {
    const auto crown = [&](const Pose& q, double d) {
      return q.head + q.face.up * (0.02 * h) - q.face.forward * ((0.055 + 0.012 * std::sin(kPi * d)) * h);
    };
    add_trailing(mesh, p, t, 0.2 * h, 0.1, crown, 0.026 * h, 0.02 * h, Limb::kPonytail);
  }
}

}  // namespace

Mesh body_mesh(const Figure& figure, double time_s) {
  Mesh mesh;
  add_body(mesh, figure.performer.build, pose_at(figure.performer, time_s));
  return mesh;
}

Mesh figure_mesh(const Figure& figure, double time_s) {
  Mesh mesh = body_mesh(figure, time_s);
  add_loose(mesh, figure.performer, figure.outfit, pose_at(figure.performer, time_s), time_s);
  return mesh;
}

}  // namespace retime::synth
