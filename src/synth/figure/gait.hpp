#pragma once

#include "synth/figure/pose.hpp"

namespace retime::synth {

/// Where a foot is: a point under the ankle, its direction, and how far the heel (positive) or the toe is lifted.
struct FootState {
  Vec3 place;
  Vec3 heading;
  double lift = 0;   ///< metres
  double pitch = 0;  ///< radians, heel up
};

/// A foot while walking: planted in stance, so that it does not slide, and swung to the next place.
FootState walking_foot(const Performer& performer, Side side, double time_s);

/// The same while dancing on the spot.
FootState dancing_foot(const Performer& performer, Side side, double time_s);

/// Phase of a foot's stride, whole numbers where the heel comes down.
double stride_phase(const Performer& performer, Side side, double time_s);

/// Height of a jump and depth of the crouch around it at a time, metres.
struct JumpState {
  double height = 0, crouch = 0, arms = 0;
};
JumpState jump_state(const Moves& moves, double time_s);

inline constexpr double kJumpSeconds = 0.52;

}  // namespace retime::synth
