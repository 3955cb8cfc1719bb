#pragma once

#include <filesystem>
#include <opencv2/core.hpp>

#include "format/image.hpp"

namespace retime::synth {

/// A folder that appears whole or not at all: it is filled under a temporary name beside its own.
class OutputFolder {
 public:
  /// Throws Error if something other than an empty folder, or one that `retime synth` made, stands at `path`.
  explicit OutputFolder(const std::filesystem::path& path);
  /// Without commit() what was written is removed.
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  const std::filesystem::path& temporary() const { return temporary_; }
  /// Gives the folder its name; what stood there before is replaced.
  void commit();

 private:
  std::filesystem::path path_, temporary_;
};

/// Writes a gray, RGB or RGBA picture (CV_8U) as PNG. Throws Error.
void save_picture(const std::filesystem::path& path, const cv::Mat& picture);

/// Reads a picture back as RGB. Throws Error.
Image load_picture(const std::filesystem::path& path);

}  // namespace retime::synth
