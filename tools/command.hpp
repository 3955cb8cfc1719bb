#pragma once

#include <string>
#include <vector>

#include "ranks/communicator.hpp"

namespace retime {

class Watchdog;

/// What a sub-command is started with.
struct CommandContext {
  std::vector<std::string> arguments;  ///< behind the command's name
  Communicator communicator;
  Watchdog* watchdog = nullptr;  ///< over the ranks of `communicator`
};

/// A sub-command: returns the exit code, throws Error.
using CommandFunction = int (*)(const CommandContext&);

struct Command {
  const char* name;
  const char* summary;
  CommandFunction run;
};

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
int cmd_catalog(const CommandContext& context);
int cmd_bench(const CommandContext& context);

}  // namespace retime
