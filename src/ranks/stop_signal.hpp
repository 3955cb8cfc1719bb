#pragma once

#include <array>
#include <chrono>
#include <csignal>
#include <optional>
#include <string>

namespace retime {

struct StopLimits {
  double max_seconds = 0;       ///< stop this long after construction; 0: no limit
  double job_end_margin_s = 0;  ///< stop this long before SLURM_JOB_END_TIME, where set; 0: do not look
};

/// While one lives, SIGTERM, SIGUSR2 and the first SIGINT only set a flag (a second SIGINT ends the process as usual).
/// The program asks at step boundaries, saves, and exits with `kExitSaved`. One at a time in a process.
class StopSignal {
 public:
  /// Throws Error when another StopSignal lives.
  explicit StopSignal(const StopLimits& limits = {});
  /// Restores the former handlers. When the exception of an agreed stop passes by, SIGTERM and SIGUSR2 are ignored from
  /// now on instead: the program is on its way out, and its exit code tells so.
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  /// True when this process got a signal or its time is up.
  bool requested() const noexcept { return local_code() != 0; }
  /// What the ranks agreed on, for messages: "SIGTERM", "the time limit"; empty when nothing was requested.
  std::string reason() const;

  /// What this process was asked: a signal's number, a number above all of them when its time is up, or 0.
  int local_code() const noexcept;
  /// Takes the largest code of all ranks for agreed; true when there is one.
  bool agree(int code) noexcept {
    agreed_code_ = code;
    return code != 0;
  }

 private:
  static constexpr std::array kSignals{SIGTERM, SIGUSR2, SIGINT};
  std::array<struct sigaction, kSignals.size()> former_{};
  std::optional<std::chrono::steady_clock::time_point> deadline_;
  int agreed_code_ = 0;
};

}  // namespace retime
