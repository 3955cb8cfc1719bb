#pragma once

#include <vector>

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

}  // namespace retime::synth
