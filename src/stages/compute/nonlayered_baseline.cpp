#include "stages/compute/nonlayered_baseline.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <vector>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "core/progress.hpp"
#include "format/scene.hpp"
#include "model/baseline/nonlayered_fit.hpp"
#include "post/compose/shown_layers.hpp"
#include "post/edit/edit.hpp"
#include "post/edit/time_map.hpp"
#include "post/score/score.hpp"
#include "post/score/truth_folder.hpp"
#include "post/video/frame_sink.hpp"
#include "ranks/stop_signal.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

// A folder that is filled under another name and gets its own when it is complete.
class StagedFolder {
 public:
  explicit StagedFolder(const fs::path& path)
      : path_(path.has_filename() ? path : path.parent_path()), temporary_(temporary_name(path_)) {
    if (fs::exists(path_) && !(fs::is_directory(path_) && fs::is_empty(path_)))
      throw Error(path_.string() + " holds something already: name another folder with --output, or remove it");
    remove_stale_temporaries(path_);
    make_folder(temporary_);
  }
  ~StagedFolder() { remove_tree(temporary_); }
  StagedFolder(const StagedFolder&) = delete;
  StagedFolder& operator=(const StagedFolder&) = delete;

  const fs::path& temporary() const { return temporary_; }
  void commit() { sync_and_rename(temporary_, path_); }

 private:
  fs::path path_, temporary_;
};

class SceneDepths final : public LayerDepths {
 public:
  explicit SceneDepths(const SceneReader& scene) : scene_(scene), ground_(scene.read_ground_contact()) {}

  std::vector<int> order(int frame) override {
    std::vector<int> layers;
    for (const int object : scene_.order().at(static_cast<std::size_t>(frame))) layers.push_back(object + 1);
    return layers;
  }
  std::optional<double> ground_contact(int frame, int layer) override {
    const float row = ground_.at(static_cast<std::size_t>(frame * scene_.info().object_count() + layer - 1));
    return std::isnan(row) ? std::nullopt : std::optional<double>(row);
  }

 private:
  const SceneReader& scene_;
  std::vector<float> ground_;
};

struct EditedVideo {
  fs::path folder;  ///< below the output
  Edit edit;
};

std::vector<VideoRequest> requests(const std::vector<std::string>& objects) {
  std::vector<VideoRequest> videos{{VideoKind::kReconstruction, ""}, {VideoKind::kBackground, ""}};
  for (const auto& name : objects) videos.push_back({VideoKind::kSolo, name});
  for (const auto& name : objects) videos.push_back({VideoKind::kWithout, name});
  return videos;
}

// What is to be written; every edit is read before the fit begins.
std::vector<EditedVideo> videos_of(const SceneInfo& scene, const std::string& truth_folder) {
  auto objects = scene.objects;
  auto videos = requests(objects);
  fs::path edits;
  if (!truth_folder.empty()) {
    const TruthFolder truth(truth_folder);
    if (truth.info().objects.size() != objects.size() || truth.info().frames != scene.frame_count)
      throw Error("the scene has " + std::to_string(objects.size()) + " objects and " +
                  std::to_string(scene.frame_count) + " frames, the truth " +
                  std::to_string(truth.info().objects.size()) + " and " + std::to_string(truth.info().frames) +
                  ": name the folder that the scene was prepared from with --truth");
    objects = truth.info().objects;
    videos = truth.videos();
    edits = truth.edits();
  }
  EditContext context{{"background"}, scene.frame_count, scene.fps};
  context.layer_names.insert(context.layer_names.end(), objects.begin(), objects.end());
  std::vector<EditedVideo> result;
  for (const auto& video : videos) result.push_back({video.folder(), video_edit(video, context, edits)});
  return result;
}

void stop_if_asked(const StopSignal& stop) {
  if (stop.requested()) throw Error("stopped by a signal (nothing is kept): run the same command to start again");
}

void fit(NonlayeredFit& model, const NonlayeredSettings& settings, const StopSignal& stop) {
  const auto report = model.run(
      settings.config.train.max_seconds, [&](const FitProgress&) { stop_if_asked(stop); }, /*shows_progress=*/true);
  char text[120];
  std::snprintf(text, sizeof text, "fitted: %d epochs in %s, mean error %.4f of colours in [-1, 1]", report.epochs,
                format_duration(report.seconds).c_str(), report.error);
  log_info(text);
}

// One output frame; positions between two source frames show the nearer one.
Image edited_frame(NonlayeredFit& model, const SceneInfo& scene, const std::vector<ShownLayer>& shown, int time) {
  std::vector<ObjectInstance> instances;
  for (const auto& layer : shown)
    if (layer.layer > 0) instances.push_back({layer.layer - 1, layer.nearest_frame(), layer.opacity});
  return model.render(std::min(time, scene.frame_count - 1), instances);
}

void write_video(NonlayeredFit& model, const SceneReader& scene, const Edit& edit, const fs::path& folder,
                 const StopSignal& stop) {
  const auto& info = scene.info();
  const auto instances = layer_instances(edit, info.layer_count(), info.frame_count);
  SceneDepths depths(scene);
  PngFolderWriter sink(folder);
  for (int t = 0; t < edit.output_frames.value_or(info.frame_count); ++t) {
    const int time = edit.loop ? t % info.frame_count : t;
    sink.add(edited_frame(model, info, shown_at(time, instances, depths), time));
    stop_if_asked(stop);
  }
  sink.finish();
}

}  // namespace

void NonlayeredSettings::add_to(OptionTable& table) {
  table.add("nonlayered", "truth", truth, "folder made by `retime synth`: make the videos of its edits too");
  config.model.add_to(table);
  config.train.add_to(table);
}

void NonlayeredSettings::validate() const {
  config.model.validate();
  config.train.validate();
  if (config.train.resume_from() != ResumeFrom::kNewest)
    throw UsageError("--resume has no meaning for nonlayered (its fit is not saved): leave it out");
}

void nonlayered_baseline(const fs::path& scene_file, const fs::path& folder, const NonlayeredSettings& settings) {
  const SceneReader scene(scene_file);
  const auto videos = videos_of(scene.info(), settings.truth);
  const StopSignal stop;
  StagedFolder staged(folder);
  NonlayeredFit model(scene, settings.config);
  fit(model, settings, stop);
  Progress progress("render", "videos", static_cast<std::int64_t>(videos.size()));
  for (std::size_t i = 0; i < videos.size(); ++i) {
    write_video(model, scene, videos[i].edit, staged.temporary() / videos[i].folder, stop);
    progress.update(static_cast<std::int64_t>(i) + 1);
  }
  staged.commit();
}

}  // namespace retime
