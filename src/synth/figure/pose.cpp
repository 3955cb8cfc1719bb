#include "synth/figure/pose.hpp"

#include <numeric>

#include "synth/figure/gait.hpp"

namespace retime::synth {
namespace {

constexpr double kStep = 1.0 / 60, kMargin = 2.5;
constexpr int kHeadingWindow = 21;  // steps to either side

Vec3 place(const Stop& stop) { return {stop.x, 0, stop.z}; }

Vec3 velocity(const Stop& a, const Stop& b) {
  return (place(b) - place(a)) * (1 / std::max(b.time_s - a.time_s, 1e-6));
}

// The tangent at a stop; nobody overshoots a place where they stand.
Vec3 tangent(const std::vector<Stop>& stops, std::size_t i) {
  if (i == 0) return velocity(stops[0], stops[1]);
  if (i + 1 == stops.size()) return velocity(stops[i - 1], stops[i]);
  const Vec3 before = velocity(stops[i - 1], stops[i]), after = velocity(stops[i], stops[i + 1]);
  if (norm(before) < 1e-6 || norm(after) < 1e-6) return {};
  return velocity(stops[i - 1], stops[i + 1]);
}

Vec3 position_at(const std::vector<Stop>& stops, double t) {
  if (t <= stops.front().time_s) return place(stops.front()) + tangent(stops, 0) * (t - stops.front().time_s);
  if (t >= stops.back().time_s)
    return place(stops.back()) + tangent(stops, stops.size() - 1) * (t - stops.back().time_s);
  std::size_t i = 0;
  while (stops[i + 1].time_s < t) ++i;
  const double span = stops[i + 1].time_s - stops[i].time_s, w = (t - stops[i].time_s) / span;
  const double w2 = w * w, w3 = w2 * w;
  return place(stops[i]) * (2 * w3 - 3 * w2 + 1) + place(stops[i + 1]) * (3 * w2 - 2 * w3) +
         tangent(stops, i) * (span * (w3 - 2 * w2 + w)) + tangent(stops, i + 1) * (span * (w3 - w2));
}

Frame frame_of(Vec3 up, Vec3 forward) {
  Frame f;
  f.up = normalized(up);
  f.right = normalized(cross(f.up, forward));
  f.forward = cross(f.right, f.up);
  return f;
}

Frame yawed(const Frame& f, double angle) {
  return {turned(f.right, f.up, angle), f.up, turned(f.forward, f.up, angle)};
}

// The joint between two bones of lengths a and b, bent towards `pole`; the end is drawn in where it is out of reach.
Vec3 bend_joint(Vec3 root, Vec3& end, double a, double b, Vec3 pole) {
  Vec3 way = end - root;
  const double reach = std::clamp(norm(way), std::abs(a - b) + 0.02, 0.998 * (a + b));
  way = normalized(way);
  end = root + way * reach;
  const double along = (a * a - b * b + reach * reach) / (2 * reach);
  const double aside = std::sqrt(std::max(a * a - along * along, 0.0));
  const Vec3 out = normalized(pole - way * dot(pole, way));
  return root + way * along + out * aside;
}

Vec3 ankle_of(const FootState& foot, const Build& b) {
  const Vec3 base = foot.place + kUp * foot.lift;
  const Vec3 right = cross(kUp, foot.heading);
  const Vec3 pivot = base + foot.heading * (foot.pitch > 0 ? 0.6 * b.foot : -0.2 * b.foot);
  return pivot + turned(base + kUp * b.ankle - pivot, right, foot.pitch);
}

Frame foot_frame(const FootState& foot) {
  const Vec3 right = cross(kUp, foot.heading);
  return {right, turned(kUp, right, foot.pitch), turned(foot.heading, right, foot.pitch)};
}

FootState foot_at(const Performer& p, Side side, double t) {
  const FootState walk = walking_foot(p, side, t);
  if (p.moves.dance <= 0) return walk;
  const FootState dance = dancing_foot(p, side, t);
  const double w = p.moves.dance;
  return {mix(walk.place, dance.place, w), normalized(mix(walk.heading, dance.heading, w)),
          mix(walk.lift, dance.lift, w), mix(walk.pitch, dance.pitch, w)};
}

// Heels that fly up while running, and feet before a seat.
FootState postured(FootState foot, const Performer& p, const Track& track, Side side) {
  const Posture& posture = p.moves.posture;
  const Build& b = p.build;
  foot.pitch += posture.run * foot.lift * (14 / b.height);
  foot.lift *= 1 + 2.5 * posture.run;
  const Vec3 before_seat =
      track.position + track.heading * (0.9 * b.thigh) + track.right() * (1.3 * sign_of(side) * b.hip_half);
  foot.place = mix(foot.place, before_seat, posture.sit);
  foot.heading = normalized(mix(foot.heading, track.heading, posture.sit));
  foot.lift *= 1 - posture.sit;
  foot.pitch *= 1 - posture.sit;
  return foot;
}

// The highest place of the pelvis from which both feet can be reached, smoothly.
double pelvis_height(const Build& b, Vec3 over, const Sides<Vec3>& ankle) {
  double height = b.thigh + b.shin + b.ankle - 0.012;
  for (const Side side : {kLeft, kRight}) {
    const Vec3 gap = ankle[side] - over;
    const double leg = 0.985 * (b.thigh + b.shin), flat = std::min(std::hypot(gap.x, gap.z), 0.9 * leg);
    const double reachable = ankle[side].y + std::sqrt(leg * leg - flat * flat);
    constexpr double kSoft = 0.025;
    height = -kSoft * std::log(std::exp(-height / kSoft) + std::exp(-reachable / kSoft));
  }
  return height;
}

struct ArmAngles {
  double swing, spread, elbow;  // radians: forward, outward, bend
};

ArmAngles arm_angles(const Performer& p, Side side, double t, const JumpState& jump) {
  const double speed = std::min(p.path.at_time(t).speed / 1.2, 1.2);
  const double swing = -std::cos(2 * kPi * stride_phase(p, side, t));
  ArmAngles walk{0.06 + 0.42 * p.moves.swing * speed * swing, 0.09, 0.28 + 0.22 * speed * std::max(0.0, swing + 0.3)};
  const double beat = kPi * (t * p.moves.beat_hz + p.moves.stride_phase) + (side == kRight ? kPi : 0);
  const ArmAngles dance{0.9 + 0.7 * std::sin(beat), 0.5 + 0.45 * std::sin(0.5 * beat + 1),
                        1.0 + 0.6 * std::sin(beat + 1.2)};
  const double d = p.moves.dance, j = std::min(jump.arms, 1.0) * 0.85;
  const ArmAngles mixed{mix(walk.swing, dance.swing, d), mix(walk.spread, dance.spread, d),
                        mix(walk.elbow, dance.elbow, d)};
  const ArmGesture& held = p.moves.posture.arms[side];
  return {mix(mix(mixed.swing, 2.2, j), held.swing, held.weight),
          mix(mix(mixed.spread, 0.5, j), held.spread, held.weight),
          mix(mix(mixed.elbow, 0.5, j), held.elbow, held.weight)};
}

void place_arm(const Performer& p, Side side, const ArmAngles& angles, Pose& pose) {
  const Build& b = p.build;
  const Frame& f = pose.trunk;
  const Vec3 outward = f.right * sign_of(side);
  const auto aim = [&](double lift) {
    const Vec3 straight = f.forward * std::sin(lift) - f.up * std::cos(lift);
    return normalized(straight * std::cos(angles.spread) + outward * std::sin(angles.spread));
  };
  pose.shoulder[side] = pose.neck + outward * b.shoulder_half - f.up * (0.025 * b.height);
  pose.elbow[side] = pose.shoulder[side] + aim(angles.swing) * b.upper_arm;
  const Vec3 fore = normalized(aim(angles.swing + angles.elbow) - outward * (0.25 * std::sin(angles.elbow)));
  pose.wrist[side] = pose.elbow[side] + fore * b.forearm;
  pose.hand[side] = normalized(fore + f.forward * 0.1);
}

void place_trunk(const Performer& p, const Track& track, double t, double lean, Pose& pose) {
  const double h = p.build.height, d = p.moves.dance;
  const double beat = kPi * (t * p.moves.beat_hz + p.moves.stride_phase);
  const double sway = (1 - d) * 0.02 * std::sin(2 * kPi * stride_phase(p, kRight, t)) + d * 0.09 * std::sin(beat);
  const double twist = (1 - d) * 0.1 * std::min(track.speed, 1.0) * std::cos(2 * kPi * stride_phase(p, kLeft, t)) +
                       d * 0.3 * std::sin(0.5 * beat);
  const Frame upright = frame_of(kUp + track.heading * lean + track.right() * (0.4 * sway), track.heading);
  pose.hips = yawed(upright, -twist);
  pose.trunk = yawed(upright, twist);
  pose.face = yawed(frame_of(kUp + track.heading * (0.5 * lean), track.heading),
                    0.12 * std::sin(0.9 * t + h * 9) + 0.5 * d * twist);
  pose.pelvis += track.right() * (sway * (1 + d));
  pose.waist = pose.pelvis + pose.hips.up * (0.09 * h);
  pose.chest = pose.waist + pose.trunk.up * (0.11 * h);
  pose.neck = pose.chest + pose.trunk.up * (0.1 * h);
  pose.head = pose.neck + pose.face.up * (0.085 * h) + pose.face.forward * (0.012 * h);
}

}  // namespace

Path::Path(const std::vector<Stop>& stops, Vec3 preferred) : start_s_(stops.front().time_s - kMargin) {
  const int count = static_cast<int>((stops.back().time_s - stops.front().time_s + 2 * kMargin) / kStep) + 1;
  for (int i = 0; i < count; ++i) tracks_.push_back({position_at(stops, start_s_ + i * kStep), {}, 0, 0});
  const auto track = [&](int i) -> Track& { return tracks_[static_cast<std::size_t>(std::clamp(i, 0, count - 1))]; };
  for (int i = 0; i < count; ++i) {
    const Vec3 step = track(i + 1).position - track(i - 1).position;
    track(i).speed = norm(step) / (kStep * (i == 0 || i == count - 1 ? 1 : 2));
    const Vec3 trend = track(i + kHeadingWindow).position - track(i - kHeadingWindow).position;
    track(i).heading = normalized(trend + preferred * 0.12);
    if (i > 0) track(i).travelled = track(i - 1).travelled + norm(track(i).position - track(i - 1).position);
  }
  double fast = 0;
  int moving = 0;
  for (const Track& t : tracks_)
    if (t.speed > 0.2) fast += t.speed, ++moving;
  mean_speed_ = moving > 0 ? fast / moving : 0;
}

Track Path::between(double index) const {
  const double last = static_cast<double>(tracks_.size()) - 1;
  const double at = std::clamp(index, 0.0, last);
  const auto i = static_cast<std::size_t>(std::min(at, last - 1));
  const double w = at - static_cast<double>(i);
  const Track &a = tracks_[i], &b = tracks_[i + 1];
  return {mix(a.position, b.position, w), normalized(mix(a.heading, b.heading, w)), mix(a.travelled, b.travelled, w),
          mix(a.speed, b.speed, w)};
}

Track Path::at_time(double time_s) const { return between((time_s - start_s_) / kStep); }

Track Path::at_distance(double travelled) const {
  const auto later = std::lower_bound(tracks_.begin(), tracks_.end(), travelled,
                                      [](const Track& t, double d) { return t.travelled < d; });
  const auto i = static_cast<std::size_t>(later - tracks_.begin());
  if (i == 0) return tracks_.front();
  if (i == tracks_.size()) return tracks_.back();
  const double gap = tracks_[i].travelled - tracks_[i - 1].travelled;
  const double w = gap > 1e-9 ? (travelled - tracks_[i - 1].travelled) / gap : 0;
  return between(static_cast<double>(i - 1) + w);
}

Build make_build(Random& random) {
  Build b;
  b.height = random.between(1.56, 1.88);
  b.girth = random.between(0.88, 1.14);
  const double h = b.height;
  b.hip_half = h * random.between(0.05, 0.057);
  b.shoulder_half = h * random.between(0.1, 0.116);
  b.thigh = b.shin = h * random.between(0.238, 0.25);
  b.ankle = 0.045 * h;
  b.foot = 0.152 * h;
  b.upper_arm = 0.172 * h;
  b.forearm = 0.148 * h;
  b.hand = 0.1 * h;
  b.head = 0.0655 * h;
  return b;
}

Pose pose_at(const Performer& p, double t) {
  const Track track = p.path.at_time(t);
  const JumpState jump = jump_state(p.moves, t);
  Pose pose;
  pose.airborne = jump.height;
  Sides<FootState> foot{foot_at(p, kLeft, t), foot_at(p, kRight, t)};
  const Posture& posture = p.moves.posture;
  for (const Side side : {kLeft, kRight}) {
    if (posture.run > 0 || posture.sit > 0) foot[side] = postured(foot[side], p, track, side);
    foot[side].pitch = mix(foot[side].pitch, 0.6, std::min(1.0, jump.height / 0.15));
    pose.ankle[side] = ankle_of(foot[side], p.build);
  }
  const double bounce = p.moves.dance * 0.05 * std::pow(std::sin(kPi * t * p.moves.beat_hz), 2.0);
  pose.pelvis = track.position;
  pose.pelvis.y = pelvis_height(p.build, track.position, pose.ankle) - jump.crouch - bounce - 0.02 * p.moves.dance;
  if (posture.sit > 0) pose.pelvis.y = mix(pose.pelvis.y, p.build.shin + p.build.ankle + 0.02, posture.sit);
  const double lean = 0.045 * std::min(track.speed, 1.5) + 0.9 * jump.crouch + posture.bow;
  place_trunk(p, track, t, lean, pose);
  for (const Side side : {kLeft, kRight}) {
    pose.hip[side] = pose.pelvis + pose.hips.right * (sign_of(side) * p.build.hip_half);
    pose.foot[side] = foot_frame(foot[side]);
    pose.knee[side] = bend_joint(pose.hip[side], pose.ankle[side], p.build.thigh, p.build.shin,
                                 foot[side].heading + pose.hips.right * (0.15 * sign_of(side)));
    pose.clearance[side] = pose.ankle[side].y - p.build.ankle + jump.height;
    place_arm(p, side, arm_angles(p, side, t, jump), pose);
  }
  const Vec3 rise = kUp * (jump.height - p.moves.wade);
  for (Vec3* joint : {&pose.pelvis, &pose.waist, &pose.chest, &pose.neck, &pose.head}) *joint += rise;
  for (auto* joints : {&pose.shoulder, &pose.elbow, &pose.wrist, &pose.hip, &pose.knee, &pose.ankle})
    for (Vec3& joint : *joints) joint += rise;
  return pose;
}

}  // namespace retime::synth
