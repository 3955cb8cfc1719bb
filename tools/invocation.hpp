#pragma once

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

}  // namespace retime
