#include "core/error.hpp"
#include "core/log.hpp"
#include "data/baseline/baseline_layers.hpp"
#include "ranks/rank_agreement.hpp"
#include "stages/compute/nonlayered_baseline.hpp"
#include "tools/command_line.hpp"

namespace retime {

int cmd_baseline(const CommandContext& context) {
  BaselineOptions options;
  NonlayeredSettings nonlayered;
  std::string output;
  CommandLine line("baseline", "scene.h5 -o layers.h5 [options]",
                   "Makes something to compare a fit with: layers without learning, or videos without layers.");
  line.table().add("files", "output", output, "index file of the layers; their blocks go into a folder beside it");
  line.table().add_short('o', "output");
  line.table().add_choice("files", "method", options.method, kBaselineMethods,
                          "cutouts: what the masks cover; matting: also what else differs from the background; "
                          "nonlayered: a renderer without layers, writes folders of frames (-o DIR)");
  nonlayered.add_to(line.table());
  const auto files = line.parse(context, 1, [&](const auto&) {
    require_option("baseline", "output", output);
    if (options.method == BaselineMethod::kNonlayered) nonlayered.validate();
  });
  if (!files) return kExitOk;
  run_on_root(context.communicator, [&] {
    if (options.method == BaselineMethod::kNonlayered)
      nonlayered_baseline(files->at(0), output, nonlayered);
    else
      write_baseline(files->at(0), output, options);
    log_info("made: " + output);
  });
  return kExitOk;
}

}  // namespace retime
