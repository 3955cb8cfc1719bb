#pragma once

#include <filesystem>
#include <memory>

#include "post/video/frame_sink.hpp"
#include "post/video/video_writer.hpp"

namespace retime {

/// Writes `<folder>/000000.png`, ... Takes RGB and RGBA (straight alpha) frames. Each file is complete or absent;
/// files of the same names are replaced, and finish() warns about older frames with higher numbers.
class PngFolderWriter final : public FrameSink {
 public:
  /// Creates the folder if need be. Throws Error if that fails.
  explicit PngFolderWriter(const std::filesystem::path& folder);

  void add(const Image& rgb) override;
  void skip() override { ++count_; }
  void finish() override;

 private:
  int first_older_frame() const;

  std::filesystem::path folder_;
  int count_ = 0;
  Size size_;
};

/// Frames as PNG if `path` ends in a slash or is a folder, as a video otherwise. `options` serve the video.
std::unique_ptr<FrameSink> make_frame_sink(const std::filesystem::path& path, Size size, FrameRate rate,
                                           const VideoWriterOptions& options = {});

}  // namespace retime
