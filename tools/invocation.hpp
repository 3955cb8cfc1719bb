#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tools/command.hpp"

namespace retime {

/// A command line of the program. `retime help COMMAND ...` is `retime COMMAND ... --help`.
struct Invocation {
  std::string name;  ///< of the command, or --help, --version; empty: there is none
  std::vector<std::string> arguments;

  Invocation(int argc, char** argv);
};

/// Runs the command `name`, or prints what --help and --version ask for; returns the exit code. Throws Error.
int run_command(const std::string& name, const CommandContext& context);

/// What is done when this rank alone fails; returns the exit code.
using FailureHandler = std::function<int(const std::string& message, int code)>;

/// Returns what `work` returns, or the exit code of what it throws. Rank 0 tells what all ranks have found (wrong
/// usage, a stop on request, what they agreed on); `fail` is called for the rest.
int run_reported(const std::function<int()>& work, const Communicator& communicator, const FailureHandler& fail);

}  // namespace retime
