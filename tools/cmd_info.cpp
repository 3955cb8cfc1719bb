#include <cstdio>

#include "core/error.hpp"
#include "format/checkpoint.hpp"
#include "format/layers.hpp"
#include "format/scene.hpp"
#include "tools/command_line.hpp"

namespace retime {
namespace {

void print_scene(const SceneReader& scene) {
  const auto& info = scene.info();
  std::printf("scene: %d frames, %s and %s, %g frames per second\n", info.frame_count, size_text(info.size).c_str(),
              size_text(info.full_size()).c_str(), info.fps.value());
  std::printf("source: %s\n", info.source.path.c_str());
  std::printf("camera: %s; plate: %s; mattes: %s\n", info.has_camera ? "moves" : "stands still",
              info.has_plate ? "yes" : "no", info.has_mattes ? "yes" : "no");
  for (int i = 0; i < info.object_count(); ++i) {
    int frames = 0;
    for (const auto present : scene.presence()[static_cast<std::size_t>(i)]) frames += present;
    std::printf("layer %d: %s, in %d frames\n", i + 1, info.objects[static_cast<std::size_t>(i)].c_str(), frames);
  }
}

void print_layers(const LayersReader& layers) {
  const auto& info = layers.info();
  std::printf("layers: %d frames, %dx%d, %g frames per second, %d blocks\n", info.frame_count, info.size.width,
              info.size.height, info.fps.value(), info.block_count());
  for (int i = 0; i < info.layer_count(); ++i)
    std::printf("layer %d: %s\n", i, info.names[static_cast<std::size_t>(i)].c_str());
}

void print_checkpoint(const Checkpoint& checkpoint) {
  std::size_t values = 0;
  for (const auto& array : checkpoint.arrays)
    if (array.name.starts_with("parameters/")) values += array.floats.size();
  std::printf("checkpoint: epoch %lld, step %lld, %zu parameters\n\n%s", static_cast<long long>(checkpoint.epoch),
              static_cast<long long>(checkpoint.step), values, checkpoint.config.c_str());
}

// The root group says what kind of file it is.
std::string format_of(const std::string& path) {
  for (const char* format : {"retime.scene", "retime.layers", "retime.checkpoint"}) {
    try {
      const h5::InputFile file(path, format, 1000);
      return format;
    } catch (const Error& error) {
      if (std::string(error.what()).find(" is not a ") == std::string::npos) throw;
    }
  }
  throw Error(path + " is not a file of retime (scene, layers or checkpoint): name one of these");
}

}  // namespace

int cmd_info(const CommandContext& context) {
  CommandLine line("info", "FILE", "Tells what a scene, layers or checkpoint file holds.");
  const auto files = line.parse(context, 1);
  if (!files) return kExitOk;
  const auto& path = files->at(0);
  const auto format = format_of(path);
  if (format == "retime.scene") print_scene(SceneReader(path));
  if (format == "retime.layers") print_layers(LayersReader(path));
  if (format == "retime.checkpoint") print_checkpoint(read_checkpoint(path));
  return kExitOk;
}

}  // namespace retime
