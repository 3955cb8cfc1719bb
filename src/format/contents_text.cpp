#include <sstream>

#include "format/contents.hpp"

using nlohmann::ordered_json;

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
  int layer = 0;
  for (const auto& object : scene["objects"])
    out << "layer " << ++layer << ": " << string_of(object, "name") << ", in " << object["frames"] << " frames\n";
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

}  // namespace retime
