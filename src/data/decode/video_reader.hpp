#pragma once

#include <filesystem>
#include <memory>

#include "data/decode/frame_source.hpp"

namespace retime {

/// Decodes a video file in order, at a constant frame rate: frames are repeated and dropped by their timestamps.
///
/// Colours: matrix and range from the tags; without tags BT.601 below 720 lines, else BT.709, limited range. Rotation
/// metadata and pixel shape are applied. Damaged places are concealed or left out, with one warning at the end that
/// counts them.
class VideoReader final : public FrameSource {
 public:
  /// Throws Error if the file is missing, not a video, has no video stream or no frame that can be decoded.
  explicit VideoReader(const std::filesystem::path& path, const FrameRange& range = {});
  ~VideoReader() override;

  const ClipInfo& info() const override;

  /// Throws Error if the range begins after the last frame.
  bool next(Image& rgb) override;

  /// Places so far (packets or frames) that could not be decoded cleanly.
  int damaged() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace retime
