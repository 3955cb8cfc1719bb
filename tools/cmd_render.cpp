#include "core/error.hpp"
#include "core/log.hpp"
#include "stages/compute/fit_stages.hpp"
#include "tools/command_line.hpp"

namespace retime {

int cmd_render(const CommandContext& context) {
  RenderOptions options;
  std::string output;
  CommandLine line("render", "RUN -o layers.h5 [options]",
                   "Renders the layers of a fit, with the detail of the frames, as the fit's configuration says unless "
                   "told otherwise. "
                   "Blocks that are there already are kept.");
  line.set_input_config([](const std::string& run) { return RunFolder(run).config_file(); });
  line.table().add("files", "output", output, "index file of the layers; their blocks go into a folder beside it");
  line.table().add_short('o', "output");
  line.table().add("files", "scene", options.scene, "the scene, if it was moved away from the run");
  add_device_option(line.table(), "files", options.device);
  options.add_to(line.table());
  const auto files = line.parse(context, 1, [&](const auto&) {
    require_option("render", "output", output);
    options.validate();
  });
  if (!files) return kExitOk;
  render_stage(files->at(0), output, options, context.communicator);
  if (context.communicator.is_root()) log_info("rendered: " + output);
  return kExitOk;
}

}  // namespace retime
