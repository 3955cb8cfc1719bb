#include "synth/figure/gait.hpp"

namespace retime::synth {
namespace {

constexpr double kDuty = 0.62;  // share of a stride that a foot is on the floor
constexpr double kGravity = 9.81;

double stride_length(const Performer& p) {
  return p.build.height * std::clamp(0.5 + 0.24 * p.path.mean_speed(), 0.55, 1.0);
}

FootState planted(const Track& track, const Build& build, Side side, double width) {
  const Vec3 right = track.right() * sign_of(side);
  return {track.position + right * (build.hip_half * width), normalized(track.heading + right * 0.12), 0, 0};
}

// Footfall `k` of a foot: the body is above it in the middle of the stance.
FootState footfall(const Performer& p, Side side, double k) {
  const double half = side == kRight ? 0.5 : 0;
  const double distance = (k + kDuty / 2 - p.moves.stride_phase - half) * stride_length(p);
  return planted(p.path.at_distance(distance), p.build, side, 0.75);
}

double stance_pitch(double f) {
  const double strike = -0.33 * (1 - smoothstep(0, 0.1, f));
  return strike + 0.75 * smoothstep(0.36, kDuty, f);
}

FootState blend(const FootState& a, const FootState& b, double w) {
  return {mix(a.place, b.place, w), normalized(mix(a.heading, b.heading, w)), mix(a.lift, b.lift, w),
          mix(a.pitch, b.pitch, w)};
}

}  // namespace

double stride_phase(const Performer& p, Side side, double time_s) {
  return p.path.at_time(time_s).travelled / stride_length(p) + p.moves.stride_phase + (side == kRight ? 0.5 : 0);
}

FootState walking_foot(const Performer& p, Side side, double time_s) {
  const Track track = p.path.at_time(time_s);
  const double u = stride_phase(p, side, time_s), k = std::floor(u), f = u - k;
  FootState foot = footfall(p, side, k);
  if (f < kDuty) {
    foot.pitch = stance_pitch(f);
  } else {
    const double w = (f - kDuty) / (1 - kDuty);
    foot = blend(foot, footfall(p, side, k + 1), smoothstep(0, 1, w));
    foot.lift = 0.055 * p.build.height * std::sin(kPi * std::pow(w, 0.8));
    foot.pitch = mix(0.75, -0.33, smoothstep(0, 0.9, w));
  }
  const FootState standing = planted(track, p.build, side, 1.15);
  return blend(standing, foot, smoothstep(0.05, 0.5, track.speed));
}

FootState dancing_foot(const Performer& p, Side side, double time_s) {
  const double beat = time_s * p.moves.beat_hz + p.moves.stride_phase;
  const double own = std::sin(kPi * beat + (side == kRight ? kPi : 0));
  const Track track = p.path.at_time(time_s);
  FootState foot = planted(track, p.build, side, 1.5);
  const double step = std::max(0.0, own);
  const double reach = 0.12 * std::sin(0.5 * kPi * beat + 0.7);
  foot.place += track.right() * (sign_of(side) * 0.1 * step) + track.heading * (reach * step);
  foot.lift = 0.13 * step * step;
  foot.pitch = 0.5 * step;
  return foot;
}

JumpState jump_state(const Moves& moves, double time_s) {
  JumpState state;
  for (const double start : moves.jumps_s) {
    const double flight = (time_s - start) / kJumpSeconds;
    if (flight > 0 && flight < 1) state.height += kGravity * kJumpSeconds * kJumpSeconds / 2 * flight * (1 - flight);
    const double before = (time_s - start + 0.16) / 0.12, after = (time_s - start - kJumpSeconds - 0.1) / 0.1;
    state.crouch += 0.17 * std::exp(-before * before) + 0.15 * std::exp(-after * after);
    state.arms += std::exp(-std::pow((flight - 0.35) / 0.45, 2.0));
  }
  return state;
}

std::vector<Footfall> footfalls(const Performer& p, double from_s, double to_s) {
  constexpr double kStep = 1.0 / 120;
  std::vector<Footfall> falls;
  for (const Side side : {kLeft, kRight}) {
    for (double t = from_s; t < to_s; t += kStep) {
      const double before = stride_phase(p, side, t - kStep), now = stride_phase(p, side, t);
      if (p.moves.dance < 0.5 && std::floor(now) > std::floor(before) && p.path.at_time(t).speed > 0.3)
        falls.push_back({t, footfall(p, side, std::floor(now)).place, 1});
      const auto step = [&](double s) { return dancing_foot(p, side, s).lift; };
      if (p.moves.dance >= 0.5 && step(t) == 0 && step(t - kStep) > 0)
        falls.push_back({t, dancing_foot(p, side, t).place, 1});
    }
    for (const double start : p.moves.jumps_s)
      falls.push_back({start + kJumpSeconds, walking_foot(p, side, start + kJumpSeconds).place, 2.2});
  }
  return falls;
}

}  // namespace retime::synth
