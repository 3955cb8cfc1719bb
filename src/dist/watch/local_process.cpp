#include "dist/watch/local_process.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>

namespace retime {
namespace {

/// What the names of launchers begin with.
constexpr std::array<std::string_view, 6> kLaunchers{"mpirun", "mpiexec", "orte", "prte", "slurmstepd", "hydra_"};

struct ProcessStatus {
  std::string name;
  char state = '?';
  int parent = 0;
  std::uint64_t start_ticks = 0;
};

/// Reads /proc/PID/stat: "PID (NAME) STATE PARENT ...", the start time being its 22nd field.
std::optional<ProcessStatus> read_status(int pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(in, line)) return std::nullopt;
  const auto open = line.find('('), close = line.rfind(')');
  if (open == std::string::npos || close == std::string::npos) return std::nullopt;
  ProcessStatus status;
  status.name = line.substr(open + 1, close - open - 1);
  std::istringstream fields(line.substr(close + 1));
  fields >> status.state >> status.parent;
  std::string skipped;
  for (int field = 5; field < 22; ++field) fields >> skipped;
  fields >> status.start_ticks;
  if (!fields) return std::nullopt;
  return status;
}

bool is_launcher(const std::string& name) {
  return std::any_of(kLaunchers.begin(), kLaunchers.end(),
                     [&](std::string_view start) { return name.starts_with(start); });
}

bool has_ended(const ProcessStatus& status) { return status.state == 'Z' || status.state == 'X'; }

}  // namespace

LocalProcess local_process(int pid) {
  const auto status = read_status(pid);
  return {pid, status ? status->start_ticks : 0};
}

bool is_running(const LocalProcess& process) {
  if (process.start_ticks == 0) return true;
  const auto status = read_status(process.pid);
  return status && status->start_ticks == process.start_ticks && !has_ended(*status);
}

bool is_stopped(const LocalProcess& process) {
  const auto status = read_status(process.pid);
  return status && status->start_ticks == process.start_ticks && (status->state == 'T' || status->state == 't');
}

void kill_process(const LocalProcess& process) noexcept {
  if (process.start_ticks != 0 && is_running(process)) ::kill(process.pid, SIGKILL);
}

LocalProcess find_launcher() {
  for (int pid = ::getppid(); pid > 1;) {
    const auto status = read_status(pid);
    if (!status) break;
    if (is_launcher(status->name)) return {pid, status->start_ticks};
    pid = status->parent;
  }
  return local_process(::getppid());
}

}  // namespace retime
