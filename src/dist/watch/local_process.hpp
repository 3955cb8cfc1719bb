#pragma once

#include <cstdint>

namespace retime {

/// A process of this node, told apart from a later one that gets the same number. One that cannot be seen (no /proc, or
/// hidden by it) has no start time and counts as running.
struct LocalProcess {
  int pid = 0;
  std::uint64_t start_ticks = 0;  ///< since boot; 0: cannot be seen
};

LocalProcess local_process(int pid);
/// False when it has ended, also when nobody has asked for its exit code yet.
bool is_running(const LocalProcess& process);
/// True when it was stopped by SIGSTOP, SIGTSTP or a debugger.
bool is_stopped(const LocalProcess& process);
/// Sends SIGKILL, unless it cannot be seen or has ended.
void kill_process(const LocalProcess& process) noexcept;

/// The process that started this one as a rank: the nearest ancestor with the name of a known launcher (mpirun, orted,
/// slurmstepd, ...), or else the parent.
LocalProcess find_launcher();

}  // namespace retime
