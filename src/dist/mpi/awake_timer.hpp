#pragma once

#include <algorithm>
#include <chrono>

namespace retime {

/// Measures time during which this process ran: what it was stopped for (SIGSTOP, a suspended job) does not count. To
/// be asked again and again by one thread, since a pause between two calls counts for `kLongestPause` at most.
class AwakeTimer {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr Clock::duration kLongestPause = std::chrono::milliseconds(400);

  /// Since construction.
  Clock::duration elapsed() {
    const auto now = Clock::now();
    elapsed_ += std::min(now - last_, kLongestPause);
    last_ = now;
    return elapsed_;
  }
  double elapsed_s() { return std::chrono::duration<double>(elapsed()).count(); }

 private:
  Clock::time_point last_ = Clock::now();
  Clock::duration elapsed_{};
};

}  // namespace retime
