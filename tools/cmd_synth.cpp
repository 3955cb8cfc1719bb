#include "core/error.hpp"
#include "core/log.hpp"
#include "ranks/rank_agreement.hpp"
#include "stages/synth_stage.hpp"
#include "tools/command_line.hpp"

namespace retime {

int cmd_synth(const CommandContext& context) {
  synth::SynthOptions options;
  std::string output;
  CommandLine line("synth", "-o DIR [options]",
                   "Draws a clip of moving people together with the truth: layers, background, maps, and what edits "
                   "of it must look like.");
  line.table().add("files", "output", output, "the folder");
  line.table().add_short('o', "output");
  options.add_to(line.table());
  const auto check = [&](const auto&) {
    require_option("synth", "output", output);
    options.validate();
  };
  if (!line.parse(context, 0, check)) return kExitOk;
  run_on_root(context.communicator, [&] {
    const auto description = synth_stage(output, options);
    log_info("drawn: " + output + " (" + description + ")");
  });
  return kExitOk;
}

}  // namespace retime
