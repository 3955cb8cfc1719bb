#include "stages/run_videos.hpp"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/files.hpp"
#include "media/picture.hpp"
#include "post/compose/compose.hpp"
#include "post/picture/contact_sheet.hpp"
#include "post/picture/object_picture.hpp"
#include "ranks/rank_agreement.hpp"
#include "stages/compose_stage.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

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

}  // namespace

void write_run_videos(const RunSettings& settings, const fs::path& scene_file, const fs::path& layers,
                      const Communicator& communicator) {
  const fs::path folder = settings.output;
  std::optional<LayersFileSource> opened;
  run_on_all_ranks(communicator, [&] { opened.emplace(layers); });
  LayersFileSource& source = *opened;
  const auto frames = evenly_spread_frames(source.info().frames);
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
  if (!settings.edit.empty()) {
    Edit edit;
    run_on_all_ranks(communicator, [&] { edit = load_edit(settings.edit, edit_context(source.info())); });
    write(edit, "retimed", "", collect(retimed));
  }
  run_on_root(communicator, [&] {
    write_summary(folder, source.info(), difference);
    write_png(folder / "overview.png", overview_picture(SceneReader(scene_file), source, frames, recomposed, retimed));
  });
}

Image overview_picture(const SceneReader& scene, LayersFileSource& layers, const std::vector<int>& frames,
                       const std::vector<Image>& recomposed, const std::vector<Image>& retimed) {
  std::vector<SheetRow> rows{{"input", {}}, {"object maps", {}}};
  const ObjectPictures objects(scene);
  SheetOptions options;
  for (const int frame : frames) {
    options.column_labels.push_back(std::to_string(frame));
    rows[0].tiles.push_back(scene.read_full(frame));
    rows[1].tiles.push_back(objects.frame(frame));
  }
  for (std::size_t layer = 0; layer < layers.info().layer_names.size(); ++layer) {
    SheetRow picture{layers.info().layer_names[layer], {}}, alpha{"alpha of " + picture.label, {}};
    for (const int frame : frames) {
      Image rgba;
      layers.read(frame, static_cast<int>(layer), rgba);
      alpha.tiles.push_back(alpha_channel(rgba));
      picture.tiles.push_back(std::move(rgba));
    }
    rows.push_back(std::move(picture));
    if (layer > 0) rows.push_back(std::move(alpha));
  }
  if (!recomposed.empty()) rows.push_back({"recomposed", recomposed});
  if (!retimed.empty()) rows.push_back({"retimed", retimed});
  return contact_sheet(rows, options);
}

}  // namespace retime
