#include <cstdio>
#include <optional>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "core/progress.hpp"
#include "format/layers.hpp"
#include "media/picture.hpp"
#include "ranks/rank_agreement.hpp"
#include "tools/command_line.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

std::string numbered(const char* format, int number) {
  char text[32];
  std::snprintf(text, sizeof text, format, number);
  return text;
}

// Pictures are shared out one by one.
void export_png(const LayersReader& layers, const fs::path& folder, const Communicator& communicator) {
  const int count = layers.info().layer_count(), frames = layers.info().frame_count;
  Progress progress("export", "pictures", static_cast<std::int64_t>(count) * frames, communicator.is_root());
  Image rgba;
  for (int layer = 0; layer < count; ++layer) {
    const auto layer_folder = folder / numbered("layer_%02d", layer);
    make_folder(layer_folder);
    for (int frame = communicator.rank(); frame < frames; frame += communicator.size()) {
      layers.read(frame, layer, rgba);
      write_png(layer_folder / numbered("%06d.png", frame), rgba);
      progress.update(static_cast<std::int64_t>(layer) * frames + frame + 1);
    }
  }
  communicator.barrier();
  progress.update(static_cast<std::int64_t>(count) * frames);
}

}  // namespace

int cmd_export(const CommandContext& context) {
  std::string output, format = "png";
  CommandLine line(
      "export", "layers.h5 -o DIR --format png",
      "Writes every layer as pictures with straight alpha: DIR/layer_00/000000.png, ... Under mpirun or srun, "
      "ranks share the frames.");
  line.table().add("files", "output", output, "folder for the pictures");
  line.table().add_short('o', "output");
  line.table().add_choice("files", "format", format, {"png"}, "kind of file");
  const auto files = line.parse(context, 1);
  if (!files) return kExitOk;
  require_option("export", "output", output);
  std::optional<LayersReader> layers;
  run_on_all_ranks(context.communicator, [&] {
    layers.emplace(files->at(0));
    make_folder(output);
  });
  export_png(*layers, output, context.communicator);
  if (context.communicator.is_root()) log_info("exported: " + output);
  return kExitOk;
}

}  // namespace retime
