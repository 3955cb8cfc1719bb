#pragma once

#include <string>

#include "model/config/fit_options.hpp"
#include "model/config/render_options.hpp"

namespace retime {

/// Everything that decides the result of a fit, and how its layers are rendered, besides the scene.
struct FitConfig {
  ModelOptions model;
  LossOptions loss;
  TrainOptions train;
  UpsampleOptions upsample;
  RenderOptions render;

  void add_to(OptionTable& table);
  void validate() const;
  /// All values as INI text.
  std::string text() const;
  /// Reads what `text` wrote.
  static FitConfig from_text(const std::string& text);
};

/// Names the options of `now` that make another network than `before`, as "width = 16 -> 64, ..."; empty when none
/// does.
std::string architecture_difference(const FitConfig& before, const FitConfig& now);

/// The same for the upsampling network.
std::string upsampler_difference(const FitConfig& before, const FitConfig& now);

/// The same for all options besides those of the model: a fit may go on with others.
std::string option_changes(const FitConfig& before, const FitConfig& now);

}  // namespace retime
