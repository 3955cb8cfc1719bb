#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "post/edit/edit.hpp"
#include "stages/compute/fit_stages.hpp"
#include "stages/compute/run_stages.hpp"
#include "tools/command_line.hpp"

namespace fs = std::filesystem;

namespace retime {

int cmd_run(const CommandContext& context) {
  RunSettings settings;
  CommandLine line(
      "run", "CLIP -o DIR [--masks DIR] [--objects auto|people|moving|N] [--edit FILE] [options]",
      "From a clip to its layers and a retimed video: prepare, train, render, compose. Run it again to go "
      "on after a stop. Without -c it takes configs/preview.cfg on CPUs and configs/default.cfg on a GPU.");
  settings.add_to(line.table());
  line.set_default_config(has_gpu() ? "default" : "preview");
  const auto files = line.parse(context, 1, [&](const auto& given) {
    require_option("run", "output", settings.output);
    settings.validate();
    if (!settings.edit.empty()) read_edit_document(settings.edit);
    if (!fs::exists(given[0])) throw Error("cannot open " + given[0] + " (no such file): check the path");
  });
  if (!files) return kExitOk;
  run_stages(files->at(0), settings, context.communicator);
  return kExitOk;
}

}  // namespace retime
