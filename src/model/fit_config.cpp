#include "model/fit_config.hpp"

#include <sstream>

namespace retime {
namespace {

std::string model_text(FitConfig config) {
  OptionTable table;
  config.model.add_to(table);
  return table.dump();
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
  FitConfig config;
  OptionTable table;
  config.add_to(table);
  table.read_text(text, "the checkpoint's configuration");
  return config;
}

std::string architecture_difference(const FitConfig& before, const FitConfig& now) {
  std::istringstream old_lines(model_text(before)), new_lines(model_text(now));
  std::string old_line, new_line, text;
  while (std::getline(old_lines, old_line) && std::getline(new_lines, new_line))
    if (old_line != new_line)
      text += (text.empty() ? "" : ", ") + old_line + " -> " + new_line.substr(new_line.find("= ") + 2);
  return text;
}

}  // namespace retime
