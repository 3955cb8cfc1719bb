#pragma once

#include "post/video/audio_track.hpp"
#include "post/video/video_writer.hpp"

namespace retime {

/// Decodes the sound and encodes it as AAC, cut to the sample.
class AudioEncode final : public AudioTrack {
 public:
  /// Throws Error if the codec is not known here.
  AudioEncode(const AudioReference& reference, std::unique_ptr<AudioDemuxer> demuxer, Mp4File& file);

  void write_until(double time_s) override;
  void finish(double end_s) override;

 private:
  void open_decoder();
  void open_encoder();
  void open_resampler();
  bool fill();
  bool receive_decoded();
  void align_start();
  void resample(const AVFrame* decoded);
  void encode(int samples);
  void send(const AVFrame* frame);
  std::int64_t samples_at(double time_s) const;

  std::unique_ptr<AudioDemuxer> demuxer_;
  Mp4File& file_;
  std::string what_;
  double limit_s_;
  libav::Codec decoder_, encoder_;
  libav::Resampler resampler_;
  libav::AudioFifo fifo_;
  libav::Frame decoded_, chunk_;
  libav::Packet packet_;
  int stream_ = -1;
  std::int64_t sent_ = 0;
  bool aligned_ = false;
  bool drained_ = false;
};

}  // namespace retime
