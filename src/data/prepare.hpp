#pragma once

#include <filesystem>
#include <string>

#include "core/options.hpp"
#include "core/scene.hpp"

namespace retime {

/// How a clip becomes a scene.
struct PrepareOptions {
  std::string size = "auto";     ///< training size WxH; auto: half the clip's, with the smaller side from 128 to 256
  std::string objects = "auto";  ///< auto, or the number of objects to find
  std::string masks;             ///< folder of masks instead of finding objects
  std::string homographies;      ///< file with the camera's motion; empty: the camera stands still
  int first_frame = 0;           ///< of the clip
  int last_frame = -1;           ///< included; -1: the clip's last
  double fps = 25;               ///< of folders of frames
  bool show_progress = true;

  void add_to(OptionTable& table);
  /// Throws UsageError.
  void validate() const;
};

/// The training size for frames of `source`: as `option` says ("WxH" or "auto"). Throws UsageError.
Size training_size(const std::string& option, Size source);

/// Tells preparations apart: the options that decide the result, and the state of the files that they name.
std::string preparation_text(const PrepareOptions& options);

/// Decodes a clip or a folder of frames, finds or reads the objects, and writes everything that a fit needs to
/// `scene_file`: frames at two sizes, object maps, depth order, and for a camera that stands still the plate, its
/// lighting and difference mattes. Memory does not grow with the number of frames (masks are kept as crops).
/// Throws Error; nothing is left behind then.
void prepare_scene(const std::filesystem::path& clip, const std::filesystem::path& scene_file,
                   const PrepareOptions& options);

}  // namespace retime
