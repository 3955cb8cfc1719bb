#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "media/libav.hpp"

namespace retime {

class Mp4File;

/// A stretch of a clip's sound.
struct AudioReference {
  std::filesystem::path path;
  double start_s = 0;                ///< from the clip's first video frame (first sample in a file without video)
  std::optional<double> duration_s;  ///< at most this long; always cut to the length of the output
};

/// Feeds the sound of a clip into an MP4, in step with the pictures.
class AudioTrack {
 public:
  virtual ~AudioTrack() = default;

  /// Writes the sound from where it stands up to `time_s` of the output.
  virtual void write_until(double time_s) = 0;
  /// Writes the rest; the sound ends at `end_s`, the length of the output.
  virtual void finish(double end_s) = 0;
};

/// Adds a stream for the sound to `file`, which must outlive the track: a copy of the packets where MP4 holds the
/// codec, AAC otherwise. Returns nothing, with a warning, if the clip cannot be read or has no sound.
std::unique_ptr<AudioTrack> open_audio_track(const AudioReference& reference, Mp4File& file);

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
