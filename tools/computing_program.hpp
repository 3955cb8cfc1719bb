#pragma once

#include <filesystem>
#include <string>

#include "ranks/launch_environment.hpp"
#include "tools/command.hpp"

namespace retime {

// `retime` itself needs neither LibTorch nor MPI. What does is done by a second program, `retime-compute`, which takes
// the place of `retime` in its process: signals, exit code, streams and arguments are its own from then on.

/// Whether a command is for the computing program: it computes (`command.run` is null), or it shares its work with the
/// ranks that a launcher started. `command`: null for what is no command.
bool is_for_computing_program(const Command* command, const LaunchEnvironment& launch);

/// Executes the computing program with the same arguments; OpenMP's idle threads will sleep after a short spin there.
/// It lies beside `retime` (build tree), in ../libexec/retime (installed), or in the folder RETIME_LIBEXEC. Throws
/// UsageError when there is none, Error when it cannot be executed.
[[noreturn]] void execute_computing_program(const std::string& command, char** argv);

/// In the computing program, first: throws UsageError when a `retime` of another version has executed it.
void refuse_other_version();

/// `retime` itself, also inside the computing program that it executed.
std::filesystem::path program_path();

}  // namespace retime
