#pragma once

#include <filesystem>
#include <optional>

namespace retime {

/// A stretch of a clip's sound.
struct AudioReference {
  std::filesystem::path path;
  double start_s = 0;                ///< from the clip's first video frame (first sample in a file without video)
  std::optional<double> duration_s;  ///< at most this long; always cut to the length of the output
};

}  // namespace retime
