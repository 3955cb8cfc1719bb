#pragma once

#include <filesystem>
#include <string>

namespace retime {

/// How layers are made without learning, to compare with.
struct BaselineOptions {
  /// "cutouts": the frame's pixels inside each mask. "matting": also what else differs from the background, for the
  /// object with the nearest mask.
  std::string method = "matting";
  int block_frames = 16;
  bool show_progress = true;
};

/// Writes layers.h5 from the frames and masks of a scene. The background is a temporal median (`BaselineBackground`).
/// Throws Error.
void write_baseline(const std::filesystem::path& scene_file, const std::filesystem::path& layers_file,
                    const BaselineOptions& options);

}  // namespace retime
