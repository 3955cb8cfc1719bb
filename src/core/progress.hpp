#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace retime {

/// Progress of one stage on standard error: on a terminal a bar that renews itself, elsewhere a line every few seconds,
/// each with the rate and the time left. Silent when `enabled` is false (ranks above 0, tests). Where the environment
/// variable RETIME_PROGRESS_FILE names a file, that tells the same to other programs (`progress_file.hpp`).
class Progress {
 public:
  Progress(std::string label, std::string unit, std::int64_t total, bool enabled = true);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Sets what is done so far; `note` is shown behind the rate. A sign of life for the watch over ranks.
  void update(std::int64_t done, const std::string& note = "");
  /// Counts `units` more as done before, by an earlier run: neither they nor the time since the last call make the
  /// rate.
  void skip(std::int64_t units);
  double elapsed_s() const;

 private:
  using Clock = std::chrono::steady_clock;
  void tell();
  void print(bool last);
  void write_file() const;
  double rate() const;
  std::string line() const;

  std::string label_, unit_, note_;
  std::int64_t total_, done_ = 0, start_done_ = -1;
  double skipped_s_ = 0;
  bool enabled_, terminal_;
  Clock::time_point start_ = Clock::now(), printed_ = start_, last_ = start_;
};

/// Seconds as "12 s", "3 min 05 s" or "2 h 10 min".
std::string format_duration(double seconds);

}  // namespace retime
