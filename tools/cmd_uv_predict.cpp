#include "core/error.hpp"
#include "ranks/rank_agreement.hpp"
#include "stages/uv_predict_stage.hpp"
#include "tools/command_line.hpp"

namespace retime {

int cmd_uv_predict(const CommandContext& context) {
  UvPredictOptions options;
  std::string output;
  CommandLine line("uv predict", "scene.h5|KEYPOINTS -o DIR [options]",
                   "Paints the bodies of people from their joints: of a scene that has joints, or of keypoints in any "
                   "form that `retime prepare` reads.\nDIR has the released layout (docs/formats.md): iuv, "
                   "keypoints.json, metadata.json; overview.png shows the bodies.");
  line.table().add("files", "output", output, "the folder");
  line.table().add_short('o', "output");
  line.table().add("uv", "network", options.network,
                   "file of the network (`retime uv train` makes it); auto: the one that comes with the program");
  line.table().add("uv", "size", options.size, "width and height of the pictures that keypoints belong to, WxH pixels");
  const auto files = line.parse(context, 1, [&](const auto&) { require_option("uv predict", "output", output); });
  if (!files) return kExitOk;
  run_on_root(context.communicator, [&] { uv_predict_stage(files->at(0), output, options); });
  return kExitOk;
}

}  // namespace retime
