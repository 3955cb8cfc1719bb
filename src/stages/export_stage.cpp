#include "stages/export_stage.hpp"

#include <cstdio>
#include <optional>

#include "core/files.hpp"
#include "core/progress.hpp"
#include "format/layers.hpp"
#include "media/picture.hpp"
#include "ranks/rank_agreement.hpp"

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

void export_stage(const fs::path& layers, const fs::path& folder, const Communicator& communicator) {
  std::optional<LayersReader> reader;
  run_on_all_ranks(communicator, [&] {
    reader.emplace(layers);
    make_folder(folder);
  });
  export_png(*reader, folder, communicator);
}

}  // namespace retime
