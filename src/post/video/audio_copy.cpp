#include "post/video/audio_copy.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace retime {

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

}  // namespace retime
