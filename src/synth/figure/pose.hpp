#pragma once

#include <array>
#include <vector>

#include "synth/draw/noise.hpp"
#include "synth/draw/vec.hpp"

namespace retime::synth {

/// A point of the floor that somebody passes (or stands at: two stops at one place) at a time in seconds.
struct Stop {
  double time_s = 0, x = 0, z = 0;
};

/// Where somebody is on the floor.
struct Track {
  Vec3 position;
  Vec3 heading{0, 0, 1};  ///< unit, horizontal
  double travelled = 0;   ///< metres since the beginning of the path
  double speed = 0;       ///< metres per second
  Vec3 right() const { return {heading.z, 0, -heading.x}; }
};

/// A smooth way over the floor. Before the first and after the last stop it goes straight on.
class Path {
 public:
  Path() = default;
  /// `preferred` is the direction that somebody who stands turns to. Needs two stops or more, in order of time.
  Path(const std::vector<Stop>& stops, Vec3 preferred);

  Track at_time(double time_s) const;
  /// The track where `travelled` metres were done.
  Track at_distance(double travelled) const;
  double mean_speed() const { return mean_speed_; }

 private:
  Track between(double index) const;

  double start_s_ = 0, mean_speed_ = 0;
  std::vector<Track> tracks_;
};

/// Lengths of somebody's body, metres.
struct Build {
  double height = 1.7;
  double girth = 1;  ///< thickness of trunk and limbs relative to the average
  double hip_half = 0.085, shoulder_half = 0.18;
  double thigh = 0.42, shin = 0.42, ankle = 0.075, foot = 0.26;
  double upper_arm = 0.29, forearm = 0.26, hand = 0.17, head = 0.115;
};
Build make_build(Random& random);

enum Side : std::size_t { kLeft, kRight };
/// -1 on the left, 1 on the right.
inline double sign_of(Side side) { return side == kLeft ? -1 : 1; }
template <class T>
using Sides = std::array<T, 2>;

/// Where an arm is held, in radians: forward, outward, and the bend of the elbow; `weight` from 0 (it swings) to 1.
struct ArmGesture {
  double weight = 0, swing = 0, spread = 0, elbow = 0;
};

/// What somebody's posture adds to their moves.
struct Posture {
  double run = 0;  ///< 0 = walks, 1 = runs
  double sit = 0;  ///< 0 = stands, 1 = sits on something as high as the knees
  double bow = 0;  ///< tangent of how far the trunk leans forward
  Sides<ArmGesture> arms{};
};

/// What somebody does while following a path.
struct Moves {
  double stride_phase = 0;  ///< in [0, 1)
  double swing = 1;         ///< how far the arms swing
  double dance = 0;         ///< 0 = walks, 1 = dances on the spot
  double beat_hz = 1.9;
  std::vector<double> jumps_s;  ///< when somebody takes off
  double wade = 0;              ///< how deep the feet are under the floor's plane, which is then water, metres
  Posture posture{};
};

/// Axes of a body segment: to its own right, up and forward.
struct Frame {
  Vec3 right, up, forward;
};

/// Joints of a body, world coordinates.
struct Pose {
  Vec3 pelvis, waist, chest, neck, head;  ///< `pelvis` between the hips, `neck` between the shoulders
  Frame hips, trunk, face;
  Sides<Vec3> shoulder, elbow, wrist, hip, knee, ankle;
  Sides<Vec3> hand;  ///< direction of the hand
  Sides<Frame> foot;
  Sides<double> clearance;  ///< height of the foot over the floor
  double airborne = 0;      ///< height of a jump
};

struct Performer {
  Build build;
  Path path;
  Moves moves;
};

/// The pose of somebody at a time in seconds.
Pose pose_at(const Performer& performer, double time_s);

/// When and where feet come down between two times.
struct Footfall {
  double time_s;
  Vec3 place;
  double strength;  ///< 1 = a step, more after a jump
};
std::vector<Footfall> footfalls(const Performer& performer, double from_s, double to_s);

}  // namespace retime::synth
