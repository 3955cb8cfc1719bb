#include "post/video/audio_track.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "post/video/audio_demuxer.hpp"
#include "post/video/audio_encode.hpp"
#include "post/video/mp4_file.hpp"

namespace retime {
namespace {

/// Whether packets of that codec can go into an MP4 that common players play.
bool can_copy_audio(AVCodecID codec) {
  switch (codec) {
    case AV_CODEC_ID_AAC:
    case AV_CODEC_ID_MP3:
    case AV_CODEC_ID_AC3:
    case AV_CODEC_ID_EAC3:
    case AV_CODEC_ID_ALAC:
    case AV_CODEC_ID_OPUS:
      return true;
    default:
      return false;
  }
}

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

AudioCopy::AudioCopy(const AudioReference& reference, std::unique_ptr<AudioDemuxer> demuxer, Mp4File& file)
    : demuxer_(std::move(demuxer)),
      file_(file),
      stream_(file.add_stream(*demuxer_->stream().codecpar, demuxer_->stream().time_base)),
      limit_s_(reference.duration_s.value_or(std::numeric_limits<double>::infinity())) {}

double AudioCopy::packet_end_s() {
  const AVPacket& packet = demuxer_->packet();
  return demuxer_->output_time_s(packet.pts + packet.duration);
}

bool AudioCopy::fetch() {
  while (!has_packet_ && !ended_) {
    ended_ = !demuxer_->next();
    has_packet_ = !ended_ && packet_end_s() > 0;
  }
  return has_packet_;
}

void AudioCopy::write_until(double time_s) {
  const double end_s = std::min(time_s, limit_s_);
  while (fetch() && packet_end_s() <= end_s) {
    AVPacket& packet = demuxer_->packet();
    packet.pts -= demuxer_->start_pts();
    packet.dts = packet.pts;
    file_.write(packet, stream_, demuxer_->stream().time_base);
    has_packet_ = false;
  }
}

void AudioCopy::finish(double end_s) {
  write_until(end_s);
  const double last_s = std::min(end_s, limit_s_);
  if (!fetch() || demuxer_->output_time_s(demuxer_->packet().pts) >= last_s) return;
  AVPacket& packet = demuxer_->packet();
  const AVRational time_base = demuxer_->stream().time_base;
  packet.pts -= demuxer_->start_pts();
  packet.dts = packet.pts;
  packet.duration = std::max<std::int64_t>(1, std::llround(last_s / av_q2d(time_base)) - packet.pts);
  file_.write(packet, stream_, time_base);
  has_packet_ = false;
}

}  // namespace

std::unique_ptr<AudioTrack> open_audio_track(const AudioReference& reference, Mp4File& file) {
  try {
    auto demuxer = std::make_unique<AudioDemuxer>(reference);
    const AVCodecID codec = demuxer->stream().codecpar->codec_id;
    if (can_copy_audio(codec)) return std::make_unique<AudioCopy>(reference, std::move(demuxer), file);
    spdlog::info("the sound of {} ({}) does not fit into MP4 and is encoded as AAC", reference.path.string(),
                 avcodec_get_name(codec));
    return std::make_unique<AudioEncode>(reference, std::move(demuxer), file);
  } catch (const Error& error) {
    spdlog::warn("{} gets no sound: {}", file.path().string(), error.what());
    return nullptr;
  }
}

}  // namespace retime
