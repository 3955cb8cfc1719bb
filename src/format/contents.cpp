#include "format/contents.hpp"

#include <algorithm>
#include <fstream>
#include <numeric>
#include <sstream>

#include "core/error.hpp"
#include "core/text.hpp"
#include "format/checkpoint.hpp"
#include "format/layers.hpp"
#include "format/scene.hpp"

using nlohmann::ordered_json;
namespace fs = std::filesystem;

namespace retime {
namespace {

std::string string_of(const ordered_json& contents, const char* key) { return contents.at(key).get<std::string>(); }

std::string yes_or_no(const ordered_json& value) { return value.get<bool>() ? "yes" : "no"; }

void tell_scene(const ordered_json& scene, std::ostream& out) {
  out << "scene: " << scene["frames"] << " frames, " << string_of(scene, "size") << " and "
      << string_of(scene, "full_size") << ", " << scene["fps"].get<double>() << " frames per second\n"
      << "source: " << string_of(scene, "source") << "\n"
      << "camera: " << (scene["moving_camera"].get<bool>() ? "moves" : "stands still")
      << "; plate: " << yes_or_no(scene["plate"]) << "; mattes: " << yes_or_no(scene["mattes"]) << "\n";
  if (scene.contains("left_out"))
    out << "left out by corrections: " << frame_spans(scene["left_out"].get<std::vector<int>>()) << "\n";
  int layer = 0;
  for (const auto& object : scene["objects"]) {
    out << "layer " << ++layer << ": " << string_of(object, "name") << ", in "
        << counted(object["frames"].get<int>(), "frame")
        << (object.contains("keypoints") ? ", joints in " + object["keypoints"].dump() : "") << "\n";
    if (!object.contains("notes")) continue;
    for (const auto& note : object["notes"]) out << "  " << note.get<std::string>() << "\n";
  }
}

void tell_layers(const ordered_json& layers, std::ostream& out) {
  out << "layers: " << layers["frames"] << " frames, " << string_of(layers, "size") << ", "
      << layers["fps"].get<double>() << " frames per second, " << layers["blocks"]
      << (layers["blocks"] == 1 ? " block\n" : " blocks\n");
  int layer = 0;
  for (const auto& name : layers["layers"]) out << "layer " << layer++ << ": " << name.get<std::string>() << "\n";
}

void tell_checkpoint(const ordered_json& checkpoint, std::ostream& out) {
  out << "checkpoint: epoch " << checkpoint["epoch"] << ", step " << checkpoint["step"] << ", "
      << checkpoint["parameters"] << " parameters\n\n"
      << string_of(checkpoint, "config");
}

// "12 of 20"; how many there are to be stands in the configuration.
std::string of_total(const ordered_json& done, const std::string& config, const std::string& key) {
  const std::string start = "\n" + key + " = ";
  const auto found = config.find(start);
  if (found == std::string::npos) return done.dump();
  const auto begin = found + start.size();
  return done.dump() + " of " + config.substr(begin, config.find('\n', begin) - begin);
}

void tell_numbers(const ordered_json& metrics, std::ostream& out) {
  std::string separator = "  ";
  for (const auto& [name, value] : metrics.items()) {
    if (!value.is_number_float()) continue;
    out << separator << name << " " << value.get<double>();
    separator = ", ";
  }
  out << "\n";
}

void tell_fit(const ordered_json& fit, std::ostream& out) {
  const auto config = string_of(fit, "config");
  out << "fit: " << (fit["complete"].get<bool>() ? "complete" : "not complete, `retime train` goes on with it") << "\n"
      << (string_of(fit, "scene").empty() ? "" : "scene: " + string_of(fit, "scene") + "\n")
      << "configuration: " << string_of(fit, "config_file") << "\n";
  if (const auto& last = fit["last_epoch"]; last.is_object()) {
    out << "epoch " << of_total(last["epoch"], config, "epochs") << ", step " << last.value("step", std::int64_t{0})
        << "; in it, on average:\n";
    tell_numbers(last, out);
  } else {
    out << "no epoch is over yet\n";
  }
  if (const auto& last = fit["last_upsample_epoch"]; last.is_object()) {
    out << "epoch " << of_total(last["upsample_epoch"], config, "upsample-epochs") << " of the upsampling network:\n";
    tell_numbers(last, out);
  }
  for (const auto& checkpoint : fit["checkpoints"]) {
    out << "checkpoint " << string_of(checkpoint, "file") << ": ";
    if (checkpoint.contains("error"))
      out << string_of(checkpoint, "error") << "\n";
    else
      out << "epoch " << checkpoint["epoch"] << ", step " << checkpoint["step"] << "\n";
  }
}

void tell_run(const ordered_json& run, std::ostream& out) {
  out << "run: " << (run["complete"].get<bool>() ? "complete" : "not complete, `retime run` goes on with it") << "\n";
  for (const char* part : {"scene", "fit", "layers"}) {
    out << "\n";
    if (run[part].is_null())
      out << part << ": not there yet\n";
    else
      out << contents_text(run[part]);
  }
  out << "\nvideos:";
  for (const auto& video : run["videos"]) out << " " << video.get<std::string>();
  out << (run["videos"].empty() ? " none yet\n" : "\n");
}

constexpr int kAnyVersion = 1000;

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// Frames in which a joint is known.
int frames_with_keypoints(const std::vector<float>& joints) {
  constexpr std::ptrdiff_t kFrame = 17 * 3;
  int count = 0;
  for (auto frame = joints.begin(); frame != joints.end(); frame += kFrame) {
    bool known = false;
    for (std::ptrdiff_t i = 2; i < kFrame; i += 3) known = known || frame[i] > 0;
    count += known;
  }
  return count;
}

ordered_json scene_contents(const fs::path& path) {
  const SceneReader scene(path);
  const auto& info = scene.info();
  ordered_json objects = ordered_json::array();
  for (std::size_t i = 0; i < info.objects.size(); ++i) {
    const auto& presence = scene.presence()[i];
    objects.push_back({{"name", info.objects[i]}, {"frames", std::accumulate(presence.begin(), presence.end(), 0)}});
    if (!info.notes[i].empty()) objects.back()["notes"] = info.notes[i];
    if (info.has_keypoints)
      objects.back()["keypoints"] = frames_with_keypoints(scene.read_keypoints(static_cast<int>(i)));
  }
  ordered_json contents{{"kind", "scene"},
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
  if (!info.left_out.empty()) contents["left_out"] = info.left_out;
  return contents;
}

ordered_json layers_contents(const fs::path& path) {
  const LayersReader layers(path);
  const auto& info = layers.info();
  return {{"kind", "layers"},
          {"path", path.string()},
          {"frames", info.frame_count},
          {"size", size_text(info.size)},
          {"fps", info.fps.value()},
          {"blocks", info.block_count()},
          {"source", info.source.path},
          {"layers", info.names},
          {"residual", info.has_residual}};
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

std::string contents_text(const ordered_json& contents) {
  std::ostringstream out;
  const auto kind = string_of(contents, "kind");
  if (kind == "scene") tell_scene(contents, out);
  if (kind == "layers") tell_layers(contents, out);
  if (kind == "checkpoint") tell_checkpoint(contents, out);
  if (kind == "fit") tell_fit(contents, out);
  if (kind == "run") tell_run(contents, out);
  if (kind == "damaged") out << string_of(contents, "error") << "\n";
  return out.str();
}

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
