#include "post/video/audio_demuxer.hpp"

#include <cmath>

#include "core/error.hpp"
#include "media/libav.hpp"

namespace retime {

using namespace libav;

namespace {

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
