#include "core/error.hpp"
#include "core/log.hpp"
#include "stages/compose_stage.hpp"
#include "tools/command_line.hpp"

namespace retime {

int cmd_compose(const CommandContext& context) {
  ComposeSettings settings;
  std::string output, edit_file, scene;
  CommandLine line(
      "compose", "layers.h5 [--edit FILE] -o out.mp4 [options]",
      "Puts the layers together again, moved in time as an edit file says. -o DIR/ writes PNG frames. Under "
      "mpirun or srun, ranks share the frames.");
  line.table().add("files", "output", output, "video file, or a folder (ending in /) for PNG frames");
  line.table().add_short('o', "output");
  line.table().add("files", "edit", edit_file, "edit file (JSON, see docs/edits.md); none: nothing is moved");
  line.table().add("files", "compare", scene, "scene file: report how far the output is from its frames");
  settings.add_to(line.table());
  const auto files = line.parse(context, 1, [&](const auto&) {
    require_option("compose", "output", output);
    settings.validate();
  });
  if (!files) return kExitOk;
  compose_stage(files->at(0), edit_file, output, settings, scene, context.communicator);
  if (context.communicator.is_root()) log_info("composed: " + output);
  return kExitOk;
}

}  // namespace retime
