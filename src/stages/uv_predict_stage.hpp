#pragma once

#include <filesystem>
#include <string>

namespace retime {

struct UvPredictOptions {
  std::string network = "auto";  ///< a file, or auto: the one that comes with the program
  std::string size;              ///< of the pictures, WxH; for keypoints only
};

/// Paints the bodies of the people in a scene, or in keypoints, as their joints tell them, into a new folder in the
/// released layout: iuv/NAME (and iuv_512/NAME, of scenes), keypoints.json, metadata.json, and overview.png. The folder
/// appears when it is complete. Throws Error, UsageError.
void uv_predict_stage(const std::filesystem::path& input, const std::filesystem::path& folder,
                      const UvPredictOptions& options);

}  // namespace retime
