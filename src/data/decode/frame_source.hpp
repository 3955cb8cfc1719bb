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
  Size size;         ///< as delivered: upright, square pixels
  Size stored_size;  ///< upright too, in pixels as they are stored: what does not know their shape sees that
  FrameRate rate;    ///< constant; a variable one is resampled to this
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
  /// Frame `index` in [0, count()): RGB, CV_8UC3, owned by the caller. May be called from several threads at a time.
  virtual cv::Mat frame(int index) const = 0;
};

/// Gives decoded frames their places in a stream of constant rate, by their timestamps. Small jitter (up to about half
/// a frame early or late) changes nothing. Where time runs backwards, as in recordings that were joined, the pictures
/// go on without a gap.
class FrameTiming {
 public:
  /// `may_jump`: see is_time_jump.
  explicit FrameTiming(FrameRate rate, bool may_jump = false) : rate_(rate), may_jump_(may_jump) {}

  /// What to do with a frame: show the one before it `repeats` times more, then this one unless it is dropped.
  struct Placement {
    int repeats = 0;
    bool drop = false;
  };

  /// Places the next frame, shown at `time_s` from the first frame.
  Placement place(double time_s);
  /// Places a frame without a timestamp: right after the one before it.
  void place_next() { ++next_slot_; }
  /// How often the time has jumped.
  int jumps() const { return jumps_; }

 private:
  FrameRate rate_;
  bool may_jump_;
  double shift_ = 0;  ///< slots, by the jumps so far
  long next_slot_ = 0;
  int jumps_ = 0;
};

/// The constant rate for a stream: `base` (the rate that hits every timestamp) unless it is far above `average`, as for
/// phone clips; then the average, or the usual rate (24, 30000/1001, ...) within half a percent of it.
FrameRate constant_rate(FrameRate base, FrameRate average);

}  // namespace retime
