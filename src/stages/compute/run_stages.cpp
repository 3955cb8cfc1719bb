#include "stages/compute/run_stages.hpp"

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/folder_lock.hpp"
#include "core/log.hpp"
#include "core/progress.hpp"
#include "data/correct/corrections.hpp"
#include "format/checkpoint.hpp"
#include "format/scene.hpp"
#include "format/scene_fingerprint.hpp"
#include "model/state/model_state.hpp"
#include "ranks/rank_agreement.hpp"
#include "stages/compute/fit_stages.hpp"
#include "stages/prepare_stage.hpp"
#include "stages/run_videos.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

// Whether the scene file was made from this clip with these options; then there is no need to make it again.
bool is_prepared(const fs::path& clip, const fs::path& scene_file, const PrepareOptions& options) {
  if (!fs::exists(scene_file)) return false;
  const auto corrections = read_corrections(corrections_file(scene_file));
  try {
    const SceneReader scene(scene_file);
    return scene.info().source.fingerprint == fingerprint_of(clip) &&
           scene.info().preparation == preparation_text(options) && scene.info().corrections == corrections.text;
  } catch (const Error& error) {
    log_warn(std::string("making the scene again: ") + error.what());
    return false;
  }
}

// A fit to an earlier state of the scene cannot go on. It may have taken days, and the change may be a slip: it is
// moved to RUN.1, RUN.2, ...
void set_aside_other_fit(const fs::path& run, const fs::path& scene) {
  Checkpoint checkpoint;
  if (!CheckpointFolder(run).read_newest(checkpoint)) return;
  const SceneReader reader(scene);
  const auto fingerprint = reader.fingerprint();
  if (checkpoint.scene_fingerprint == fingerprint) return;
  if (differ_by_corrections(checkpoint.scene_fingerprint, fingerprint) && has_sizes_of(checkpoint, reader)) return;
  const FolderLock nobody_fits(run);
  fs::path aside;
  for (int number = 1; aside.empty() || fs::exists(aside); ++number)
    aside = run.string() + "." + std::to_string(number);
  std::error_code error;
  fs::rename(run, aside, error);
  if (error)
    throw Error("cannot move the fit of another scene to " + aside.string() + " (" + error.message() +
                "): check the rights of its folder");
  log_info("the scene has changed (" + scene_difference(checkpoint.scene_fingerprint, fingerprint) +
           "), so the fit starts anew; the one before is kept in " + aside.string());
}

// Everything that can be told of the edit before hours are spent on the fit.
void check_edit(const std::string& edit, const fs::path& scene_file) {
  if (edit.empty()) return;
  const auto info = SceneReader(scene_file).info();
  EditContext context{{"background"}, info.frame_count, info.fps};
  context.layer_names.insert(context.layer_names.end(), info.objects.begin(), info.objects.end());
  load_edit(edit, context);
}

// Which stage begins, and how long the run has taken so far.
class StageTeller {
 public:
  explicit StageTeller(bool enabled) : enabled_(enabled) {}
  void begin(const char* stage) {
    ++number_;
    if (!enabled_) return;
    log_info("stage " + std::to_string(number_) + " of 4 (" + stage + ")" +
             (number_ > 1 ? ", " + format_duration(total_.elapsed_s()) + " so far" : ""));
  }
  void end(const fs::path& overview) const {
    if (enabled_) log_info("done in " + format_duration(total_.elapsed_s()) + ": see " + overview.string());
  }

 private:
  bool enabled_;
  int number_ = 0;
  const Progress total_{"run", "stages", 0, false};
};

}  // namespace

void run_stages(const fs::path& clip, const RunSettings& settings, const Communicator& communicator) {
  const fs::path folder = settings.output, scene = folder / "scene.h5", fit = folder / "run",
                 layers = folder / "layers.h5";
  StageTeller stages(communicator.is_root());
  stages.begin("prepare");
  run_on_root(communicator, [&] {
    make_folder(folder);
    if (is_prepared(clip, scene, settings.prepare)) {
      log_info("the scene is prepared already: " + scene.string());
      write_missing_pictures(scene, settings.prepare.show_progress);
    } else {
      prepare_stage(clip, scene, settings.prepare);
    }
    check_edit(settings.edit, scene);
    if (settings.fit.train.resume_from() == ResumeFrom::kNewest) set_aside_other_fit(fit, scene);
  });
  stages.begin("fit");
  train_stage(scene, fit, settings.fit, communicator);
  auto rendering = settings.fit.render;
  rendering.device = settings.fit.train.device;
  stages.begin("render");
  render_stage(fit, layers, rendering, communicator);
  stages.begin("compose");
  write_run_videos(settings, scene, layers, communicator);
  stages.end(folder / "overview.png");
}

}  // namespace retime
