#include "core/error.hpp"
#include "core/options.hpp"
#include "tools/bench.hpp"

namespace retime {

int cmd_bench(const CommandContext& context) {
  if (context.arguments.empty() || context.arguments[0].starts_with("-")) return cmd_bench_step(context);
  const std::string word = context.arguments[0];
  const CommandContext rest{
      {context.arguments.begin() + 1, context.arguments.end()}, context.communicator, context.set_rank_timeout};
  if (word == "step") return cmd_bench_step(rest);
  if (word == "scaling") return cmd_bench_scaling(rest);
  if (word == "allreduce") return cmd_bench_allreduce(rest);
  throw UsageError("retime bench knows no '" + word + "'" + suggestion(word, {"step", "scaling", "allreduce"}) +
                   ": use step, scaling or allreduce");
}

}  // namespace retime
