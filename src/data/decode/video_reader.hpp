#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "data/decode/frame_source.hpp"
#include "media/libav.hpp"

namespace retime {

/// Demuxes and decodes the best video stream of a file, frame by frame in display order. Counts damage, goes on past
/// it.
class VideoDecoder {
 public:
  /// Throws Error if the file is missing, not a video, or has no video stream that can be decoded.
  explicit VideoDecoder(const std::filesystem::path& path);

  /// The next frame, or nothing at the end. Valid until the next call.
  AVFrame* next();

  /// Seconds on the container's clock, nothing if the frame has no timestamp.
  std::optional<double> time_s(const AVFrame& frame) const;

  AVFormatContext* input() const { return input_.get(); }
  AVStream* stream() const { return stream_; }
  /// Packets and frames that could not be decoded cleanly.
  int damaged() const { return damaged_; }
  /// Why reading ended before the end of the file, empty if it did not.
  const std::string& read_error() const { return read_error_; }

 private:
  void open_input(const std::filesystem::path& path);
  void open_codec(const std::string& what);
  void feed();

  libav::Input input_;
  libav::Codec codec_;
  libav::Packet packet_;
  libav::Frame frame_;
  AVStream* stream_ = nullptr;
  int damaged_ = 0;
  std::string read_error_;
};

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
