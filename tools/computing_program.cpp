#include "tools/computing_program.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/error.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

constexpr const char* kProgram = "retime-compute";
/// What the computing program is told: version and path of `retime`, with a space between them.
constexpr const char* kStartedBy = "RETIME_STARTED_BY";

fs::path this_program() { return fs::read_symlink("/proc/self/exe"); }

fs::path find_computing_program() {
  if (const char* folder = std::getenv("RETIME_LIBEXEC")) return fs::path(folder) / kProgram;
  const auto here = this_program().parent_path();
  const auto beside = here / kProgram;
  return fs::exists(beside) ? beside : (here / RETIME_LIBEXEC_FROM_BIN / kProgram).lexically_normal();
}

// By default they spin for milliseconds, which burns the time slices of whoever else wants the core: with two other
// busy processes on two cores an epoch took 50 s instead of 10 s. libgomp looks at this when it is loaded.
void limit_thread_spinning() {
  if (!std::getenv("OMP_WAIT_POLICY")) ::setenv("GOMP_SPINCOUNT", "2000", /*overwrite=*/0);
}

}  // namespace

bool is_for_computing_program(const Command* command, const LaunchEnvironment& launch) {
  if (command && command->starts_programs) return false;
  return (command && !command->run) || launch.has_several_ranks();
}

void execute_computing_program(const std::string& command, char** argv) {
  const auto program = find_computing_program();
  if (!fs::exists(program))
    throw UsageError("`retime " + command + "` needs the program " + kProgram + ", which is not installed here (no " +
                     program.string() +
                     "): install a build with LibTorch, or name its folder in the environment variable RETIME_LIBEXEC");
  limit_thread_spinning();
  ::setenv(kStartedBy, (RETIME_VERSION " " + this_program().string()).c_str(), 1);
  ::execv(program.c_str(), argv);
  throw Error("cannot execute " + program.string() + " (" + std::strerror(errno) + "): install it again");
}

void refuse_other_version() {
  const char* starter = std::getenv(kStartedBy);
  if (!starter) return;
  const std::string text = starter, version = text.substr(0, text.find(' '));
  if (version != RETIME_VERSION)
    throw UsageError("retime " + version + " cannot work with " + kProgram + " " RETIME_VERSION " (" +
                     this_program().string() + "): install both from one build");
}

fs::path program_path() {
  const auto program = this_program();
  const char* starter = std::getenv(kStartedBy);
  const char* path = starter ? std::strchr(starter, ' ') : nullptr;
  return program.filename() == kProgram && path ? fs::path(path + 1) : program;
}

}  // namespace retime
