#pragma once

#include <array>
#include <csignal>

namespace retime {

/// While one lives, SIGTERM, SIGUSR2, SIGINT and SIGCHLD wait here until they are asked for, instead of interrupting,
/// whichever thread they reach. Programs that are started meanwhile get them as usual. One at a time in a process.
class SignalInbox {
 public:
  /// Throws Error when another one lives.
  SignalInbox();
  /// Restores the former handlers.
  ~SignalInbox();
  SignalInbox(const SignalInbox&) = delete;
  SignalInbox& operator=(const SignalInbox&) = delete;

  /// Sleeps until a signal comes, at most `seconds`. Returns its number, or 0 when none came.
  int wait(double seconds);

 private:
  static constexpr std::array kSignals{SIGTERM, SIGUSR2, SIGINT, SIGCHLD};
  std::array<struct sigaction, kSignals.size()> former_{};
  std::array<int, 2> pipe_{};
};

}  // namespace retime
