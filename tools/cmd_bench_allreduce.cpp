#include "bench/allreduce_bench.hpp"
#include "core/error.hpp"
#include "tools/bench.hpp"
#include "tools/command_line.hpp"

namespace retime {

int cmd_bench_allreduce(const CommandContext& context) {
  AllreduceOptions options;
  CommandLine line(
      "bench allreduce", "[-o DIR] [options]",
      "Times sums over ranks on what a fit uses for them (NCCL on GPUs, MPI on CPUs): the buckets that the "
      "model's gradients\ntravel in, and a sweep of sizes; in place, in the columns of nccl-tests. Checks "
      "the sums. Start it with mpirun or srun.");
  options.add_to(line.table());
  const auto& communicator = context.communicator;
  const auto check = [&](const auto&) {
    options.validate();
    if (communicator.size() < 2)
      throw UsageError("an all-reduce needs at least two ranks (there is one): mpirun -n 2 retime bench allreduce");
  };
  if (!line.parse(context, 0, check)) return kExitOk;
  bench_allreduce(options, communicator);
  return kExitOk;
}

}  // namespace retime
