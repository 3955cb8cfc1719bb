#pragma once

#include "format/image.hpp"

namespace retime {

/// Gives decoded frames their places in a stream of constant rate, by their timestamps. Small jitter (up to about half
/// a frame early or late) changes nothing. Where time runs backwards, as in recordings that were joined, the pictures
/// go on without a gap.
class FrameTiming {
 public:
  /// `may_jump`: see is_time_jump.
  explicit FrameTiming(FrameRate rate, bool may_jump = false) : rate_(rate), may_jump_(may_jump) {}

  /// What to do with a frame: show the one before it `repeats` times more, then this one unless it is dropped.
  struct Placement {
    int repeats = 0;
    bool drop = false;
  };

  /// Places the next frame, shown at `time_s` from the first frame.
  Placement place(double time_s);
  /// Places a frame without a timestamp: right after the one before it.
  void place_next() { ++next_slot_; }
  /// How often the time has jumped.
  int jumps() const { return jumps_; }

 private:
  FrameRate rate_;
  bool may_jump_;
  double shift_ = 0;  ///< slots, by the jumps so far
  long next_slot_ = 0;
  int jumps_ = 0;
};

/// The constant rate for a stream: `base` (the rate that hits every timestamp) unless it is far above `average`, as for
/// phone clips; then the average, or the usual rate (24, 30000/1001, ...) within half a percent of it.
FrameRate constant_rate(FrameRate base, FrameRate average);

}  // namespace retime
