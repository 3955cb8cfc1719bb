#include "bench/scaling_command.hpp"
#include "core/error.hpp"
#include "tools/bench.hpp"
#include "tools/command_line.hpp"

namespace retime {

int cmd_bench_scaling(const CommandContext& context) {
  ScalingOptions options;
  CommandLine line("bench scaling", "-o DIR [options]",
                   "Times steps of a real fit with the ranks of this job (mpirun -n 4 retime bench scaling -o DIR; a "
                   "Slurm array with a task\nfor each number of ranks) and writes DIR/scaling.csv, scaling.md and "
                   "scaling.svg from all runs in DIR.");
  options.add_to(line.table());
  const auto check = [&](const auto&) {
    require_option("bench scaling", "output", options.output);
    options.validate();
  };
  if (!line.parse(context, 0, check)) return kExitOk;
  options.bench.scene = options.scene;
  bench_scaling(options, context.arguments, context.communicator);
  return kExitOk;
}

}  // namespace retime
