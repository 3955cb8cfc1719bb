#pragma once

#include "tools/command.hpp"

namespace retime {

// Words of `retime bench`; `context.arguments` are those behind the word.
int cmd_bench_step(const CommandContext& context);
int cmd_bench_scaling(const CommandContext& context);
int cmd_bench_allreduce(const CommandContext& context);

}  // namespace retime
