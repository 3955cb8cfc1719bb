#include "format/contents.hpp"

#include <algorithm>
#include <fstream>
#include <numeric>
#include <sstream>

#include "core/error.hpp"
#include "format/checkpoint.hpp"
#include "format/layers.hpp"
#include "format/scene.hpp"

namespace fs = std::filesystem;
using nlohmann::ordered_json;

namespace retime {
namespace {

constexpr int kAnyVersion = 1000;

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

ordered_json scene_contents(const fs::path& path) {
  const SceneReader scene(path);
  const auto& info = scene.info();
  ordered_json objects = ordered_json::array();
  for (std::size_t i = 0; i < info.objects.size(); ++i) {
    const auto& presence = scene.presence()[i];
    objects.push_back({{"name", info.objects[i]}, {"frames", std::accumulate(presence.begin(), presence.end(), 0)}});
  }
  return {{"kind", "scene"},
          {"path", path.string()},
          {"frames", info.frame_count},
          {"size", size_text(info.size)},
          {"full_size", size_text(info.full_size())},
          {"fps", info.fps.value()},
          {"source", info.source.path},
          {"moving_camera", info.has_camera},
          {"plate", info.has_plate},
          {"mattes", info.has_mattes},
          {"objects", objects}};
}

ordered_json layers_contents(const fs::path& path) {
  const LayersReader layers(path);
  const auto& info = layers.info();
  return {{"kind", "layers"},           {"path", path.string()},
          {"frames", info.frame_count}, {"size", size_text(info.size)},
          {"fps", info.fps.value()},    {"blocks", info.block_count()},
          {"source", info.source.path}, {"layers", info.names}};
}

ordered_json checkpoint_contents(const fs::path& path) {
  const auto checkpoint = read_checkpoint(path);
  std::size_t values = 0;
  for (const auto& array : checkpoint.arrays)
    if (array.name.starts_with("parameters/")) values += array.floats.size();
  return {{"kind", "checkpoint"},       {"path", path.string()}, {"epoch", checkpoint.epoch},
          {"step", checkpoint.step},    {"parameters", values},  {"milestone", checkpoint.milestone},
          {"config", checkpoint.config}};
}

// The last line of metrics.jsonl that has `key`; null without one.
ordered_json last_metrics(const fs::path& file, const std::string& key) {
  ordered_json last;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    auto entry = ordered_json::parse(line, nullptr, false);
    const bool is_upsampling = entry.is_object() && entry.contains("upsample_epoch");
    if (entry.is_object() && entry.contains(key) && is_upsampling == (key == "upsample_epoch")) last = std::move(entry);
  }
  return last;
}

// Only what stands at its head: a checkpoint may be large.
ordered_json checkpoint_entry(const fs::path& file) {
  ordered_json entry{{"file", file.filename().string()}};
  try {
    const h5::InputFile in(file, "retime.checkpoint", kAnyVersion);
    entry["epoch"] = in.root().int_attribute("epoch");
    entry["step"] = in.root().int_attribute("step");
  } catch (const Error& error) {
    entry["error"] = error.what();
  }
  return entry;
}

ordered_json fit_contents(const fs::path& folder) {
  const auto about = ordered_json::parse(text_of(folder / "run.json"), nullptr, false);
  const auto status = ordered_json::parse(text_of(folder / "status.json"), nullptr, false);
  if (!about.is_object())
    throw Error((folder / "run.json").string() + " is damaged (not JSON): run `retime train` again");
  ordered_json checkpoints = ordered_json::array();
  for (const auto& file : CheckpointFolder(folder).list()) checkpoints.push_back(checkpoint_entry(file));
  const bool is_complete = status.is_object() && status.value("state", "") == "fitted";
  return {{"kind", "fit"},
          {"path", folder.string()},
          {"complete", is_complete},
          {"scene", about.value("scene", "")},
          {"config_file", (folder / "config.cfg").string()},
          {"config", text_of(folder / "config.cfg")},
          {"last_epoch", last_metrics(folder / "metrics.jsonl", "epoch")},
          {"last_upsample_epoch", last_metrics(folder / "metrics.jsonl", "upsample_epoch")},
          {"checkpoints", checkpoints}};
}

// A stage's part of a run: null when it is not there yet, with what is wrong when it cannot be read.
ordered_json part_of_run(const fs::path& path) {
  if (!fs::exists(path)) return nullptr;
  try {
    return contents_of(path);
  } catch (const Error& error) {
    return {{"kind", "damaged"}, {"path", path.string()}, {"error", error.what()}};
  }
}

ordered_json run_contents(const fs::path& folder) {
  std::vector<std::string> videos;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".mp4" && !entry.path().filename().string().starts_with("."))
      videos.push_back(entry.path().filename().string());
  std::sort(videos.begin(), videos.end());
  return {{"kind", "run"},
          {"path", folder.string()},
          {"scene", part_of_run(folder / "scene.h5")},
          {"fit", part_of_run(folder / "run")},
          {"layers", part_of_run(folder / "layers.h5")},
          {"videos", videos},
          {"complete", fs::exists(folder / "overview.png")}};
}

// The root group says what kind of file it is.
std::string format_of(const fs::path& path) {
  for (const char* format : {"retime.scene", "retime.layers", "retime.checkpoint"}) {
    try {
      const h5::InputFile file(path, format, kAnyVersion);
      return format;
    } catch (const Error& error) {
      if (std::string(error.what()).find(" is not a ") == std::string::npos) throw;
    }
  }
  throw Error(path.string() + " is not a file of retime (scene, layers or checkpoint): name one of these");
}

}  // namespace

ordered_json contents_of(const fs::path& path) {
  if (fs::is_directory(path)) {
    if (fs::exists(path / "run.json")) return fit_contents(path);
    if (fs::exists(path / "scene.h5")) return run_contents(path);
    throw Error(path.string() +
                " is not a folder of retime (neither run.json nor scene.h5 in it): name the folder of a " +
                "fit, or that of `retime run`");
  }
  const auto format = format_of(path);
  if (format == "retime.scene") return scene_contents(path);
  return format == "retime.layers" ? layers_contents(path) : checkpoint_contents(path);
}

}  // namespace retime
