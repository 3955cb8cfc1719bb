#pragma once

#include <sys/types.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace retime {

/// A program to be started.
struct ChildCommand {
  std::vector<std::string> arguments;  ///< the program (a path, or a name that PATH leads to) and its arguments
  std::map<std::string, std::optional<std::string>> environment;  ///< changes to it; nullopt removes a variable
  std::filesystem::path output;     ///< file that standard output and error are appended to; empty: as this process
  std::vector<int> inherited = {};  ///< open files that the child keeps
};

/// A program that runs beside this one, in a process group of its own and without input. When this process dies, it
/// gets SIGTERM.
class ChildProcess {
 public:
  /// Starts the program. Throws Error when it cannot be started.
  explicit ChildProcess(const ChildCommand& command);
  /// Asks a program that still runs to end (SIGTERM), without waiting for it.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// The status of `waitpid` once the program has ended; nothing while it runs.
  std::optional<int> poll();
  /// Waits for its end; returns its exit code, or 128 + the signal's number.
  int wait();
  void send(int signal_number) noexcept;
  pid_t pid() const noexcept { return pid_; }

 private:
  pid_t pid_ = -1;
  std::optional<int> status_;
};

/// How a program ended (128 + the signal's number, if by one) and what it wrote to standard output.
struct CapturedRun {
  int exit_code = 0;
  std::string output;
};

enum class ErrorStream { kShown, kDropped };

/// Runs a program to its end. Throws Error when it cannot be started.
CapturedRun run_captured(const std::vector<std::string>& arguments,
                         const std::map<std::string, std::optional<std::string>>& environment = {},
                         ErrorStream errors = ErrorStream::kShown);

/// Name of this node, "localhost" if it has none.
std::string host_name();

/// Name of the process numbering that this process lives in, a number of the kernel's; empty where it cannot be seen.
std::string process_namespace();

/// Where the number of this process means something, for names of files: "HOST-NAMESPACE". Containers may share a host
/// name but not a numbering. Empty where the numbering cannot be seen.
std::string process_place();

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
