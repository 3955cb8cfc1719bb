#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>

namespace retime {

/// How a started program ended, and all that it printed.
struct ProgramResult {
  int exit_code = -1;
  std::string output;
};

/// Runs a shell command line to its end.
inline ProgramResult run_shell(const std::string& command) {
  ProgramResult result;
  FILE* pipe = ::popen(("( " + command + " ) 2>&1").c_str(), "r");
  if (!pipe) return result;
  std::array<char, 4096> part;
  while (const auto count = std::fread(part.data(), 1, part.size(), pipe)) result.output.append(part.data(), count);
  const int status = ::pclose(pipe);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

/// Runs the built program.
inline ProgramResult run_retime(const std::string& arguments, const std::string& prefix = "") {
  return run_shell(prefix + " " RETIME_PROGRAM " " + arguments);
}

/// The same under mpirun.
inline ProgramResult run_ranks(int ranks, const std::string& arguments) {
  return run_retime(arguments, "OMPI_MCA_mpi_yield_when_idle=1 " RETIME_MPIEXEC " -n " + std::to_string(ranks) +
                                   " --oversubscribe --allow-run-as-root");
}

/// Whether a program ended well; tells what it printed if not.
inline ::testing::AssertionResult succeeds(const ProgramResult& result) {
  if (result.exit_code == 0) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "exit code " << result.exit_code << ": " << result.output;
}

/// A shell command that waits for another to succeed, for five minutes at most.
inline std::string until(const std::string& condition) {
  return "for i in $(seq 3000); do " + condition + " > /dev/null && break; sleep 0.1; done; ";
}

/// The clip that the project carries, and the edit that goes with it.
inline const std::string kRoomClip = RETIME_SOURCE_DIR "/examples/room/room.mp4";
inline const std::string kRoomEdit = RETIME_SOURCE_DIR "/examples/room/meet.json";

}  // namespace retime
