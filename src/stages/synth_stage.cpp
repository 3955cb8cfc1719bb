#include "stages/synth_stage.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "core/progress.hpp"
#include "media/picture.hpp"
#include "post/edit/edit.hpp"
#include "post/edit/time_map.hpp"
#include "post/video/video_writer.hpp"
#include "synth/synth_scene.hpp"
#include "synth/truth_writer.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

using synth::SynthScene;

EditContext context_of(const SynthScene& scene) {
  EditContext context{{"background"}, scene.frames(), {scene.options().fps, 1}};
  for (int i = 0; i < scene.objects(); ++i) context.layer_names.push_back(synth::object_name(i));
  return context;
}

// The objects that an output frame shows under an edit, each from the source frame nearest to what the edit asks for.
std::vector<synth::ShownObject> shown_objects(const std::vector<LayerInstance>& instances, int frame) {
  std::vector<synth::ShownObject> shown;
  for (const LayerInstance& instance : instances) {
    const auto source = instance.time(frame);
    if (instance.layer > 0 && source) shown.push_back({instance.layer - 1, source->frame, instance.opacity});
  }
  return shown;
}

void write_edits(const SynthScene& scene, synth::TruthWriter& writer) {
  const EditContext context = context_of(scene);
  for (const synth::NamedEdit& named : scene.stage().edits) {
    const Edit edit = parse_edit(nlohmann::json::parse(named.json), context);
    const auto instances = layer_instances(edit, scene.objects() + 1, scene.frames());
    writer.write_edit(named, edit.output_frames.value_or(scene.frames()),
                      [&](int frame) { return shown_objects(instances, frame); });
  }
}

void write_video(const SynthScene& scene, const fs::path& folder) {
  VideoWriterOptions options;
  options.threads = 1;
  VideoWriter video(folder / "clip.mp4", scene.options().full_size(), {scene.options().fps, 1}, options);
  for (int t = 0; t < scene.frames(); ++t) video.add(read_picture(folder / "rgb_512" / synth::frame_name(t)));
  video.finish();
}

}  // namespace

std::string synth_stage(const fs::path& output, const synth::SynthOptions& options) {
  synth::OutputFolder folder(output);
  std::optional<Progress> progress;
  const SynthScene scene(options, [&](int done, int count) {
    if (!progress) progress.emplace("synth " + options.scene, "layers", count);
    progress->update(done);
  });
  synth::TruthWriter writer(scene, folder.temporary());
  writer.write_frames();
  write_edits(scene, writer);
  write_video(scene, folder.temporary());
  folder.commit();
  return scene.stage().description;
}

}  // namespace retime
