#include "core/error.hpp"
#include "core/log.hpp"
#include "ranks/rank_agreement.hpp"
#include "stages/prepare_stage.hpp"
#include "tools/command_line.hpp"

namespace retime {

int cmd_prepare(const CommandContext& context) {
  PrepareOptions options;
  std::string output;
  CommandLine line("prepare", "CLIP|FRAMES_DIR -o scene.h5 [options]",
                   "Turns a clip into a scene: frames, moving objects, background. Objects are found when the camera "
                   "stands still, or given as masks; how the camera moves is estimated. A folder in a released format "
                   "(docs/formats.md) brings its own frames, masks or body maps, order and camera.");
  line.table().add("files", "output", output, "the scene file");
  line.table().add_short('o', "output");
  options.add_to(line.table());
  const auto files = line.parse(context, 1, [&](const auto&) {
    require_option("prepare", "output", output);
    options.validate();
  });
  if (!files) return kExitOk;
  run_on_root(context.communicator, [&] {
    if (context.communicator.size() > 1)
      log_info("one rank prepares, " + std::to_string(context.communicator.size() - 1) +
               " others wait: start `retime prepare` without mpirun or srun to give it all cores");
    prepare_stage(files->at(0), output, options);
    log_info("prepared: " + output);
  });
  return kExitOk;
}

}  // namespace retime
