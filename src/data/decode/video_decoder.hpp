#pragma once

#include <filesystem>
#include <optional>

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

}  // namespace retime
