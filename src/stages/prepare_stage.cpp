#include "stages/prepare_stage.hpp"

#include <algorithm>

#include "core/activity.hpp"
#include "core/log.hpp"
#include "core/progress.hpp"
#include "data/prepare/prepare.hpp"
#include "format/scene.hpp"
#include "media/picture.hpp"
#include "post/picture/contact_sheet.hpp"
#include "post/picture/object_picture.hpp"
#include "post/picture/ruler.hpp"
#include "post/video/video_writer.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

fs::path beside(const fs::path& scene_file, const std::string& name) {
  const auto stem = scene_file.stem().string();
  return scene_file.parent_path() / (stem == "scene" ? name : stem + "_" + name);
}

/// What is known of each object, a note each in its colour.
std::vector<SheetNote> notes_of(const SceneInfo& info) {
  std::vector<SheetNote> notes;
  for (std::size_t i = 0; i < info.objects.size(); ++i) {
    std::string text = info.objects[i];
    for (std::size_t k = 0; i < info.notes.size() && k < info.notes[i].size(); ++k)
      text += (k == 0 ? ": " : "; ") + info.notes[i][k];
    notes.push_back({text, object_color(static_cast<int>(i))});
  }
  return notes;
}

void write_pictures(const fs::path& scene_file, bool show_progress) {
  const SceneReader scene(scene_file);
  const auto& info = scene.info();
  const ObjectPictures pictures(scene);
  const auto shown = evenly_spread_frames(info.frame_count);
  SheetRow input{"input", {}}, objects{"objects", {}};
  SheetOptions options;
  options.notes = notes_of(info);
  const auto film = beside(scene_file, "objects.mp4");
  VideoWriter video(film, info.full_size(), info.fps);
  Progress progress("pictures of the objects", "frames", info.frame_count, show_progress);
  for (int t = 0; t < info.frame_count; ++t) {
    Image picture = pictures.frame(t);
    if (std::find(shown.begin(), shown.end(), t) != shown.end()) {
      options.column_labels.push_back(std::to_string(t));
      input.tiles.push_back(scene.read_full(t));
      objects.tiles.push_back(picture);
    }
    draw_ruler(picture, t);
    video.add(picture);
    progress.update(t + 1);
  }
  video.finish();
  write_png(beside(scene_file, "overview.png"), contact_sheet({input, objects}, options));
  log_info("see what was found in " + film.string());
}

}  // namespace

void prepare_stage(const fs::path& clip, const fs::path& scene_file, const PrepareOptions& options) {
  const Phase phase("preparing", Patience::kLong);
  prepare_scene(clip, scene_file, options);
  write_pictures(scene_file, options.show_progress);
}

void write_missing_pictures(const fs::path& scene_file, bool show_progress) {
  if (!fs::exists(beside(scene_file, "objects.mp4"))) write_pictures(scene_file, show_progress);
}

}  // namespace retime
