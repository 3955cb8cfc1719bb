#include "core/error.hpp"
#include "core/log.hpp"
#include "stages/compose_stage.hpp"
#include "tools/command_line.hpp"

namespace retime {

int cmd_export(const CommandContext& context) {
  std::string output, format = "png";
  CommandLine line(
      "export", "layers.h5 -o DIR --format png",
      "Writes every layer as pictures with straight alpha: DIR/layer_00/000000.png, ... Under mpirun or srun, "
      "ranks share the frames.");
  line.table().add("files", "output", output, "folder for the pictures");
  line.table().add_short('o', "output");
  line.table().add_choice("files", "format", format, {"png"}, "kind of file");
  const auto files = line.parse(context, 1, [&](const auto&) { require_option("export", "output", output); });
  if (!files) return kExitOk;
  export_stage(files->at(0), output, context.communicator);
  if (context.communicator.is_root()) log_info("exported: " + output);
  return kExitOk;
}

}  // namespace retime
