#include "core/error.hpp"
#include "core/log.hpp"
#include "stages/compute/fit_stages.hpp"
#include "tools/command_line.hpp"

namespace retime {

int cmd_train(const CommandContext& context) {
  FitConfig config;
  std::string output;
  CommandLine line(
      "train", "scene.h5 -o RUN [options]",
      "Fits the layers of a scene. Run it again to go on after a stop; under mpirun or srun, ranks share the "
      "frames.");
  line.table().add("files", "output", output, "folder of the fit (checkpoints, metrics, previews)");
  line.table().add_short('o', "output");
  config.add_to(line.table());
  const auto files = line.parse(context, 1, [&](const auto&) {
    require_option("train", "output", output);
    config.validate();
  });
  if (!files) return kExitOk;
  train_stage(files->at(0), output, config, context.communicator);
  if (context.communicator.is_root()) log_info("fitted: retime render " + output + " -o layers.h5 makes the layers");
  return kExitOk;
}

}  // namespace retime
