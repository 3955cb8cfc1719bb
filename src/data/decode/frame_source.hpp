#pragma once

#include <filesystem>
#include <limits>
#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <string>

#include "format/image.hpp"

namespace retime {

/// The frames to take, both ends included, counted from 0.
struct FrameRange {
  int first = 0;
  int last = std::numeric_limits<int>::max();
};

/// How stored pictures are turned to be shown upright.
struct Orientation {
  int rotation = 0;       ///< degrees clockwise: 0, 90, 180 or 270
  bool mirrored = false;  ///< left and right change places, after the rotation
  bool operator==(const Orientation&) const = default;
};

/// What is known of a clip before its frames are read.
struct ClipInfo {
  Size size;                       ///< as delivered: upright, square pixels
  FrameRate rate;                  ///< constant; a variable one is resampled to this
  std::optional<int> frame_count;  ///< as the container tells, before any range; may differ from what can be decoded
  Orientation orientation;         ///< as it was applied
  bool has_audio = false;
  std::string colour;  ///< how colours are read, for example "bt709 limited" or "bt601 limited (not tagged)"
};

/// Frames one after the other, from a video or a folder.
class FrameSource {
 public:
  virtual ~FrameSource() = default;

  virtual const ClipInfo& info() const = 0;

  /// Fills `rgb` [H, W, 3] with the next frame; false after the last one. Throws Error if a frame cannot be read.
  virtual bool next(Image& rgb) = 0;
};

/// Opens a video file, or a folder of frames at `folder_rate`. Throws Error.
std::unique_ptr<FrameSource> open_frames(const std::filesystem::path& path, const FrameRange& range = {},
                                         FrameRate folder_rate = {});

/// Random access to the frames of a clip. Callers read mostly in ascending order and keep few frames at a time.
class FrameSequence {
 public:
  virtual ~FrameSequence() = default;

  /// Number of frames.
  virtual int count() const = 0;
  /// Size of every frame in pixels.
  virtual Size size() const = 0;
  /// Frame `index` in [0, count()): RGB, CV_8UC3, owned by the caller.
  virtual cv::Mat frame(int index) const = 0;
};

}  // namespace retime
