#pragma once

#include <filesystem>

#include "core/error.hpp"
#include "format/image.hpp"

namespace retime {

/// Where finished frames go: a video file, a folder of pictures, or a test.
class FrameSink {
 public:
  virtual ~FrameSink() = default;

  /// Takes the next frame, `rgb` [H, W, 3]. All frames must have one size. Throws Error when it cannot be stored.
  virtual void add(const Image& rgb) = 0;

  /// Leaves the next frame to another process, which stores it. Throws Error where that cannot be.
  virtual void skip() { throw Error("this output wants every frame from one process: bring it the others' frames"); }

  /// Completes the output. Without this call (an exception, a kill) nothing appears under the final name.
  virtual void finish() = 0;
};

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

}  // namespace retime
