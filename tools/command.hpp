#pragma once

#include <exception>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "ranks/communicator.hpp"
#include "ranks/launch_environment.hpp"

namespace retime {

/// What a sub-command is started with.
struct CommandContext {
  std::vector<std::string> arguments;                 ///< behind the command's name
  Communicator communicator;                          ///< the ranks that share the work
  std::function<void(double)> set_rank_timeout = {};  ///< for the watch over several ranks, seconds; may be empty
};

/// A sub-command: returns the exit code, throws Error.
using CommandFunction = int (*)(const CommandContext&);

struct Command {
  const char* name;              ///< "uv", or with a second word "uv predict"
  const char* summary;           ///< empty: not listed
  CommandFunction run;           ///< null in `retime` for what `retime-compute` does
  bool starts_programs = false;  ///< others than that one, which a process with MPI must not do: it works alone
};

/// All commands, in the order of `retime --help`.
std::span<const Command> commands();
/// Null when there is none of that name, of one word or two.
const Command* find_command(const std::string& name);

/// A command line of the program. `retime help COMMAND ...` is `retime COMMAND ... --help`. A second word belongs to
/// the name where the table says so.
struct Invocation {
  std::string name;  ///< of the command, or --help, --version; empty: there is none
  std::vector<std::string> arguments;

  Invocation(int argc, char** argv);
};

/// Runs the command `name`, or prints what --help and --version ask for; returns the exit code. Throws Error.
int run_command(const std::string& name, const CommandContext& context);

/// Tells a failure of before the ranks of a job know of each other, and returns the exit code. Each rank tells its own;
/// what is an AgreedError is the same on all, and rank 0 tells it.
int tell_failure_at_start(const std::exception& error, const LaunchEnvironment& launch);

int cmd_run(const CommandContext& context);
int cmd_prepare(const CommandContext& context);
int cmd_train(const CommandContext& context);
int cmd_render(const CommandContext& context);
int cmd_compose(const CommandContext& context);
int cmd_export(const CommandContext& context);
int cmd_info(const CommandContext& context);
int cmd_synth(const CommandContext& context);
int cmd_score(const CommandContext& context);
int cmd_baseline(const CommandContext& context);
int cmd_uv(const CommandContext& context);
int cmd_uv_predict(const CommandContext& context);
int cmd_catalog(const CommandContext& context);
int cmd_bench(const CommandContext& context);
int cmd_gpus(const CommandContext& context);

}  // namespace retime
