#pragma once

#include <filesystem>
#include <string>

#include "core/options.hpp"
#include "model/config/fit_config.hpp"

namespace retime {

/// How the non-layered baseline is fitted and which videos it makes.
struct NonlayeredSettings {
  FitConfig config;   ///< after `max_seconds` the fit ends and the videos are made
  std::string truth;  ///< folder made by `retime synth`, for its edits and the names of its objects; may be empty

  /// The background's texture is finer than the layered model's, which has the plate to show detail.
  NonlayeredSettings() { config.model.background_texture_size = 256; }

  void add_to(OptionTable& table);
  /// Throws UsageError.
  void validate() const;
};

/// Fits a renderer without layers to a scene and writes its videos as folders of PNG frames: reconstruction,
/// background, solo/NAME, without/NAME, and edits/NAME with a truth. `folder` appears when all is done; throws Error if
/// something is there already.
void nonlayered_baseline(const std::filesystem::path& scene_file, const std::filesystem::path& folder,
                         const NonlayeredSettings& settings);

}  // namespace retime
