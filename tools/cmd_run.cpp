#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/folder_lock.hpp"
#include "core/log.hpp"
#include "core/progress.hpp"
#include "data/prepare/prepare.hpp"
#include "format/checkpoint.hpp"
#include "format/scene.hpp"
#include "media/picture.hpp"
#include "post/compose/compose.hpp"
#include "ranks/rank_agreement.hpp"
#include "stages/compose_stage.hpp"
#include "stages/compute/fit_stages.hpp"
#include "stages/overview.hpp"
#include "tools/command_line.hpp"
#include "tools/run_options.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

struct RunSettings {
  PrepareOptions prepare;
  FitConfig fit;
  ComposeSettings compose;
  std::string output, edit;

  void add_to(OptionTable& table) {
    table.add("files", "output", output, "folder for everything that is made");
    table.add_short('o', "output");
    table.add("files", "edit", edit, "edit file (JSON, see docs/edits.md) of the retimed video");
    prepare.add_to(table);
    fit.add_to(table);
    compose.add_to(table);
  }
  void validate() const {
    prepare.validate();
    fit.validate();
    compose.validate();
  }
};

// Whether the scene file was made from this clip with these options; then there is no need to make it again.
bool is_prepared(const fs::path& clip, const fs::path& scene_file, const PrepareOptions& options) {
  if (!fs::exists(scene_file)) return false;
  try {
    const SceneReader scene(scene_file);
    return scene.info().source.fingerprint == fingerprint_of(clip) &&
           scene.info().preparation == preparation_text(options);
  } catch (const Error& error) {
    log_warn(std::string("making the scene again: ") + error.what());
    return false;
  }
}

// Videos of single layers over the background, by leaving out all others.
Edit only_layer(int layer, int layer_count) {
  Edit edit;
  LayerEdit others{{}, Remove{}};
  for (int i = 1; i < layer_count; ++i)
    if (i != layer) others.layers.push_back(i);
  if (!others.layers.empty()) edit.edits.push_back(std::move(others));
  return edit;
}

// What was made, for other programs.
void write_summary(const fs::path& folder, const LayerSourceInfo& info,
                   const std::optional<ComposeDifference>& difference) {
  const std::vector<std::string> objects(info.layer_names.begin() + 1, info.layer_names.end());
  nlohmann::json summary{{"frames", info.frames}, {"size", size_text(info.size)}, {"objects", objects}};
  if (difference) {
    summary["identity_mean"] = difference->mean;
    summary["identity_max"] = difference->max;
  }
  write_text_file(folder / "summary.json", summary.dump(2) + "\n");
}

void write_videos(const RunSettings& settings, const fs::path& folder, const fs::path& scene_file,
                  const fs::path& layers, const Communicator& communicator) {
  std::optional<LayersFileSource> opened;
  run_on_all_ranks(communicator, [&] { opened.emplace(layers); });
  LayersFileSource& source = *opened;
  const auto frames = overview_frames(source.info().frames);
  const auto collect = [&](std::vector<Image>& pictures) {
    return [&](int frame, const Image& rgb) {
      if (std::find(frames.begin(), frames.end(), frame) != frames.end()) pictures.push_back(rgb);
    };
  };
  std::vector<Image> recomposed, retimed;
  const auto write = [&](const Edit& edit, const std::string& name, const std::string& reference = "",
                         const std::function<void(int, const Image&)>& watch = {}) {
    return compose_video(source, edit, folder / (name + ".mp4"), settings.compose, reference, communicator, watch);
  };
  const auto difference = write({}, "reconstruction", scene_file.string(), collect(recomposed));
  const int count = static_cast<int>(source.info().layer_names.size());
  write(only_layer(0, count), "background");
  for (int layer = 1; layer < count; ++layer)
    write(only_layer(layer, count), "only_" + source.info().layer_names[static_cast<std::size_t>(layer)]);
  if (!settings.edit.empty())
    write(load_edit(settings.edit, edit_context(source.info())), "retimed", "", collect(retimed));
  if (!communicator.is_root()) return;
  write_summary(folder, source.info(), difference);
  write_png(folder / "overview.png", overview_picture(SceneReader(scene_file), source, frames, recomposed, retimed));
}

// A fit to an earlier state of the scene cannot go on. It may have taken days, and the change may be a slip: it is
// moved to RUN.1, RUN.2, ...
void set_aside_other_fit(const fs::path& run, const fs::path& scene) {
  Checkpoint checkpoint;
  if (!CheckpointFolder(run).read_newest(checkpoint)) return;
  const auto fingerprint = SceneReader(scene).fingerprint();
  if (checkpoint.scene_fingerprint == fingerprint) return;
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

void run_stages(const fs::path& clip, const RunSettings& settings, const Communicator& communicator) {
  const fs::path folder = settings.output, scene = folder / "scene.h5", fit = folder / "run",
                 layers = folder / "layers.h5";
  make_folder(folder);
  if (communicator.is_root()) {
    if (is_prepared(clip, scene, settings.prepare))
      log_info("the scene is prepared already: " + scene.string());
    else
      prepare_scene(clip, scene, settings.prepare);
    check_edit(settings.edit, scene);
    if (settings.fit.train.resume == "auto") set_aside_other_fit(fit, scene);
  }
  communicator.barrier();
  train_stage(scene, fit, settings.fit, communicator);
  auto rendering = settings.fit.render;
  rendering.device = settings.fit.train.device;
  render_stage(fit, layers, rendering, communicator);
  write_videos(settings, folder, scene, layers, communicator);
  communicator.barrier();
}

// The settings as a table that also knows --config, as the command line does.
struct RunTable {
  RunSettings settings;
  std::string config;
  OptionTable table;

  RunTable() {
    table.add("general", "config", config, "");
    settings.add_to(table);
  }
};

}  // namespace

std::vector<std::string> run_option_names() { return RunTable().table.names(); }

void check_run_options(const std::vector<std::string>& arguments) {
  RunTable run;
  run.table.read_arguments(arguments);
  if (!run.config.empty()) run.table.read_file(find_config(run.config));
  run.table.read_arguments(arguments);
  run.settings.validate();
}

int cmd_run(const CommandContext& context) {
  RunSettings settings;
  CommandLine line(
      "run", "CLIP -o DIR [--masks DIR | --objects auto|N] [--edit FILE] [options]",
      "From a clip to its layers and a retimed video: prepare, train, render, compose. Run it again to go "
      "on after a stop. Without -c it takes configs/preview.cfg on CPUs and configs/default.cfg on a GPU.");
  settings.add_to(line.table());
  line.set_default_config(has_gpu() ? "default" : "preview");
  const auto files = line.parse(context, 1);
  if (!files) return kExitOk;
  require_option("run", "output", settings.output);
  settings.validate();
  if (!settings.edit.empty()) read_edit_document(settings.edit);
  if (!fs::exists(files->at(0))) throw Error("cannot open " + files->at(0) + " (no such file): check the path");
  const Progress total("run", "stages", 0, false);
  run_stages(files->at(0), settings, context.communicator);
  if (context.communicator.is_root())
    log_info("done in " + format_duration(total.elapsed_s()) + ": see " +
             (fs::path(settings.output) / "overview.png").string());
  return kExitOk;
}

}  // namespace retime
