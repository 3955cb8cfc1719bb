#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dist/watch/heartbeat.hpp"

namespace retime {

/// How long the watch over ranks waits, in seconds. 0: forever.
struct WatchLimits {
  double hang_s = 300;    ///< no rank makes progress; a patient phase has six times as long
  double silence_s = 60;  ///< a process does not answer

  /// What follows from --rank-timeout: a process that does not answer gets a minute at most.
  static WatchLimits of(double rank_timeout_s);
};

/// Judges from the beats of the ranks whether one of them is stuck. Knows neither clocks nor MPI: told what was heard
/// and how much time passed.
class PeerWatch {
 public:
  /// `hosts` of all ranks. Rank 0 watches over all, the others over rank 0.
  PeerWatch(int own_rank, std::vector<std::string> hosts, const WatchLimits& limits);

  void set_limits(const WatchLimits& limits) { limits_ = limits; }
  const WatchLimits& limits() const { return limits_; }

  /// A beat of `rank` has arrived, which may be this one.
  void heard(int rank, const Beat& beat);
  /// `seconds` went by while this process was awake.
  void pass(double seconds);

  /// The sentence that names rank, host and phase of what has gone wrong.
  std::optional<std::string> verdict() const;
  /// Ranks that do not answer, by the limit.
  std::vector<int> silent() const;
  /// "rank 2 (host node07, in the phase training step 17)".
  std::string describe(int rank) const;
  const Beat& last_beat(int rank) const { return peers_[static_cast<std::size_t>(rank)].beat; }

 private:
  struct Peer {
    std::string host;
    Beat beat;
    double silent_s = 0;
    bool left = false;
  };
  bool watches(int rank) const;
  std::optional<std::string> silence_verdict() const;
  std::optional<std::string> hang_verdict() const;
  std::vector<int> laggards() const;

  int own_rank_;
  std::vector<Peer> peers_;
  WatchLimits limits_;
  double quiet_s_ = 0;  ///< since any rank made progress
};

}  // namespace retime
