#pragma once

#include "post/video/audio_demuxer.hpp"
#include "post/video/audio_track.hpp"

namespace retime {

/// Whether packets of that codec can go into an MP4 that common players play.
bool can_copy_audio(AVCodecID codec);

/// Copies the packets as they are. The packet that is sounding at the start begins before the first picture; the file's
/// edit list tells players so.
class AudioCopy final : public AudioTrack {
 public:
  AudioCopy(const AudioReference& reference, std::unique_ptr<AudioDemuxer> demuxer, Mp4File& file);

  void write_until(double time_s) override;
  void finish(double end_s) override;

 private:
  bool fetch();
  double packet_end_s();

  std::unique_ptr<AudioDemuxer> demuxer_;
  Mp4File& file_;
  int stream_;
  double limit_s_;
  bool has_packet_ = false;
  bool ended_ = false;
};

}  // namespace retime
