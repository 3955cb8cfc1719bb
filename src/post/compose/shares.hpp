#pragma once

#include <functional>
#include <span>
#include <utility>

namespace retime {

/// The processes that share the frames of a clip; by default one that has them all.
struct FrameParts {
  int part = 0;   ///< number of this process
  int parts = 1;  ///< of all processes
  /// Replaces values by their sums over all processes, which all call it with equally many; empty with one process.
  std::function<void(std::span<double>)> sum_over_parts;

  void sum(std::span<double> values) const {
    if (sum_over_parts) sum_over_parts(values);
  }
  /// First of this process's consecutive frames out of `frames`, and one past the last.
  std::pair<int, int> range(int frames) const { return {begin_of(part, frames), begin_of(part + 1, frames)}; }
  /// Process of a frame when they take turns of `kTurn` frames, so that whoever joins the frames in order never waits
  /// for a whole share.
  int turn_of(int frame) const { return frame / kTurn % parts; }
  static constexpr int kTurn = 8;

 private:
  int begin_of(int p, int frames) const { return static_cast<int>(static_cast<long>(frames) * p / parts); }
};

}  // namespace retime
