#include "post/video/audio_track.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "post/video/audio_encode.hpp"
#include "post/video/video_writer.hpp"

namespace retime {

using namespace libav;

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

constexpr double kPreRoll_s = 0.5;  // more than any codec needs to settle

Input open_input(const AudioReference& reference, const std::string& what) {
  AVFormatContext* context = nullptr;
  check(avformat_open_input(&context, reference.path.c_str(), nullptr, nullptr), what, "check the path");
  Input input(context);
  check(avformat_find_stream_info(context, nullptr), what, "check the file");
  return input;
}

/// Where the reference's clock begins on the container's: the first video frame, or the first sample.
double origin_s(AVFormatContext* input, const AVStream& audio) {
  const int video = av_find_best_stream(input, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  const bool cover = video >= 0 && (input->streams[video]->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
  const AVStream& clock = video >= 0 && !cover ? *input->streams[video] : audio;
  return clock.start_time == AV_NOPTS_VALUE ? 0 : static_cast<double>(clock.start_time) * av_q2d(clock.time_base);
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

AudioDemuxer::AudioDemuxer(const AudioReference& reference) : packet_(av_packet_alloc()) {
  const std::string what = "cannot read sound from " + reference.path.string();
  input_ = open_input(reference, what);
  const int index = av_find_best_stream(input_.get(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
  if (index < 0) throw Error(what + " (it has no audio stream): name a clip with sound");
  stream_ = input_->streams[index];
  for (unsigned i = 0; i < input_->nb_streams; ++i)
    if (static_cast<int>(i) != index) input_->streams[i]->discard = AVDISCARD_ALL;
  start_s_ = origin_s(input_.get(), *stream_) + reference.start_s;
  seek_to_start();
}

std::int64_t AudioDemuxer::start_pts() const { return std::llround(start_s_ / av_q2d(stream_->time_base)); }

void AudioDemuxer::seek_to_start() {
  const auto target = static_cast<std::int64_t>((start_s_ - kPreRoll_s) / av_q2d(stream_->time_base));
  if (stream_->start_time != AV_NOPTS_VALUE && target <= stream_->start_time) return;
  if (may_jump()) return;  // What lies where on such a clock is known from the beginning on only.
  // A file that cannot seek is read from its beginning, which gives the same sound.
  av_seek_frame(input_.get(), stream_->index, target, AVSEEK_FLAG_BACKWARD);
}

bool AudioDemuxer::next() {
  for (;;) {
    av_packet_unref(packet_.get());
    if (av_read_frame(input_.get(), packet_.get()) < 0) return false;
    if (packet_->stream_index != stream_->index || packet_->pts == AV_NOPTS_VALUE) continue;
    join_recordings();
    return true;
  }
}

bool AudioDemuxer::may_jump() const { return (input_->iformat->flags & AVFMT_TS_DISCONT) != 0; }

void AudioDemuxer::join_recordings() {
  packet_->pts += shift_;
  const double late_s = next_pts_ ? static_cast<double>(packet_->pts - *next_pts_) * av_q2d(stream_->time_base) : 0;
  if (is_time_jump(late_s, may_jump())) {
    shift_ += *next_pts_ - packet_->pts;
    packet_->pts = *next_pts_;
  }
  packet_->dts = packet_->pts;
  next_pts_ = packet_->pts + packet_->duration;
}

}  // namespace retime
