#include <cstdio>

#include "core/error.hpp"
#include "stages/compute/fit_stages.hpp"
#include "tools/command_line.hpp"

namespace retime {

// For `retime catalog`, which shares them out and has no LibTorch to ask.
int cmd_gpus(const CommandContext& context) {
  CommandLine line("gpus", "", "Prints how many GPUs LibTorch sees.");
  if (!line.parse(context, 0)) return kExitOk;
  if (context.communicator.is_root()) std::printf("%d\n", gpu_count());
  return kExitOk;
}

}  // namespace retime
