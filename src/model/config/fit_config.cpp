#include "model/config/fit_config.hpp"

#include <sstream>

#include "core/error.hpp"

namespace retime {
namespace {

std::string model_text(FitConfig config) {
  OptionTable table;
  config.model.add_to(table);
  return table.dump();
}

// The options that decide the upsampling network's shape, without those that decide how it is trained.
std::string upsampler_text(const FitConfig& config) {
  FitConfig shape;
  shape.upsample.width = config.upsample.width;
  shape.upsample.norm = config.upsample.norm;
  shape.upsample.residual_scale = config.upsample.residual_scale;
  OptionTable table;
  shape.upsample.add_to(table);
  return table.dump();
}

// Everything but the model.
std::string other_text(FitConfig config) {
  config.train.resume = "auto";
  OptionTable table;
  config.loss.add_to(table);
  config.train.add_to(table);
  config.upsample.add_to(table);
  return table.dump();
}

// The lines of the same tables that differ, as "width = 16 -> 64, ...".
std::string difference(const std::string& before, const std::string& now) {
  std::istringstream old_lines(before), new_lines(now);
  std::string old_line, new_line, text;
  while (std::getline(old_lines, old_line) && std::getline(new_lines, new_line))
    if (old_line != new_line)
      text += (text.empty() ? "" : ", ") + old_line + " -> " + new_line.substr(new_line.find("= ") + 2);
  return text;
}

}  // namespace

void FitConfig::add_to(OptionTable& table) {
  model.add_to(table);
  loss.add_to(table);
  train.add_to(table);
  upsample.add_to(table);
  render.add_to(table);
}

void FitConfig::validate() const {
  model.validate();
  loss.validate();
  train.validate();
  upsample.validate();
  render.validate();
}

std::string FitConfig::text() const {
  FitConfig copy = *this;
  OptionTable table;
  copy.add_to(table);
  return table.dump();
}

FitConfig FitConfig::from_text(const std::string& text) {
  if (text.find("[uv]") != std::string::npos)
    throw Error("this is a keypoint-to-UV network and not a fit of layers: name what `retime train` or `run` has made");
  FitConfig config;
  OptionTable table;
  config.add_to(table);
  table.read_text(text, "the checkpoint's configuration");
  return config;
}

std::string architecture_difference(const FitConfig& before, const FitConfig& now) {
  return difference(model_text(before), model_text(now));
}

std::string upsampler_difference(const FitConfig& before, const FitConfig& now) {
  return difference(upsampler_text(before), upsampler_text(now));
}

std::string option_changes(const FitConfig& before, const FitConfig& now) {
  return difference(other_text(before), other_text(now));
}

}  // namespace retime
