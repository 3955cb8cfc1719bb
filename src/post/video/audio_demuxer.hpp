#pragma once

#include <optional>

#include "media/libav.hpp"
#include "post/video/audio_track.hpp"

namespace retime {

/// The packets of a clip's best audio stream, from just before the reference's start or earlier. Those of recordings
/// that were joined follow each other on one clock.
class AudioDemuxer {
 public:
  /// Throws Error if the file cannot be read or has no audio stream.
  explicit AudioDemuxer(const AudioReference& reference);

  const AVStream& stream() const { return *stream_; }

  /// The next packet, false at the end of the file. The packet lives until the next call.
  bool next();
  AVPacket& packet() { return *packet_; }

  /// Time stamp `pts` of the stream in seconds of the output: 0 is the reference's start.
  double output_time_s(std::int64_t pts) const {
    return static_cast<double>(pts) * av_q2d(stream_->time_base) - start_s_;
  }

  /// `start_s` of the reference on the stream's clock, in units of its time base.
  std::int64_t start_pts() const;

 private:
  void seek_to_start();
  bool may_jump() const;
  void join_recordings();

  libav::Input input_;
  libav::Packet packet_;
  AVStream* stream_ = nullptr;
  double start_s_ = 0;
  std::int64_t shift_ = 0;                ///< of what is read, onto that clock
  std::optional<std::int64_t> next_pts_;  ///< end of the last packet
};

}  // namespace retime
