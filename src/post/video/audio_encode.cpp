#include "post/video/audio_encode.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"

namespace retime {

using namespace libav;

namespace {

constexpr int kBitRatePerChannel = 96000;
constexpr const char* kAdvice = "use a clip with AAC sound, or leave the sound out";

int nearest_rate(const AVCodec& encoder, int rate) {
  int best = rate;
  int distance = std::numeric_limits<int>::max();
  for (const int* known = encoder.supported_samplerates; known && *known; ++known) {
    if (std::abs(*known - rate) >= distance) continue;
    distance = std::abs(*known - rate);
    best = *known;
  }
  return best;
}

}  // namespace

AudioEncode::AudioEncode(const AudioReference& reference, std::unique_ptr<AudioDemuxer> demuxer, Mp4File& file)
    : demuxer_(std::move(demuxer)),
      file_(file),
      what_("cannot encode the sound of " + reference.path.string()),
      limit_s_(reference.duration_s.value_or(std::numeric_limits<double>::infinity())),
      decoded_(av_frame_alloc()),
      chunk_(av_frame_alloc()),
      packet_(av_packet_alloc()) {
  open_decoder();
  open_encoder();
  open_resampler();
  AVCodecParameters* parameters = avcodec_parameters_alloc();
  avcodec_parameters_from_context(parameters, encoder_.get());
  stream_ = file_.add_stream(*parameters, encoder_->time_base);
  avcodec_parameters_free(&parameters);
}

void AudioEncode::open_decoder() {
  const AVCodecParameters& parameters = *demuxer_->stream().codecpar;
  const AVCodec* codec = avcodec_find_decoder(parameters.codec_id);
  if (!codec) throw Error(what_ + " (no decoder for " + avcodec_get_name(parameters.codec_id) + "): " + kAdvice);
  decoder_.reset(avcodec_alloc_context3(codec));
  check(avcodec_parameters_to_context(decoder_.get(), &parameters), what_, kAdvice);
  decoder_->pkt_timebase = demuxer_->stream().time_base;
  check(avcodec_open2(decoder_.get(), codec, nullptr), what_, kAdvice);
  if (decoder_->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
    av_channel_layout_default(&decoder_->ch_layout, decoder_->ch_layout.nb_channels);
}

void AudioEncode::open_encoder() {
  const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_AAC);
  if (!codec) throw Error(what_ + " (this FFmpeg has no AAC encoder): " + kAdvice);
  encoder_.reset(avcodec_alloc_context3(codec));
  const int channels = std::min(decoder_->ch_layout.nb_channels, 2);
  av_channel_layout_default(&encoder_->ch_layout, channels);
  encoder_->sample_fmt = AV_SAMPLE_FMT_FLTP;
  encoder_->sample_rate = nearest_rate(*codec, decoder_->sample_rate);
  encoder_->bit_rate = channels * kBitRatePerChannel;
  encoder_->time_base = {1, encoder_->sample_rate};
  if (file_.wants_global_header()) encoder_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  check(avcodec_open2(encoder_.get(), codec, nullptr), what_, kAdvice);
}

void AudioEncode::open_resampler() {
  SwrContext* context = nullptr;
  check(swr_alloc_set_opts2(&context, &encoder_->ch_layout, encoder_->sample_fmt, encoder_->sample_rate,
                            &decoder_->ch_layout, decoder_->sample_fmt, decoder_->sample_rate, 0, nullptr),
        what_, kAdvice);
  resampler_.reset(context);
  check(swr_init(context), what_, kAdvice);
  fifo_.reset(av_audio_fifo_alloc(encoder_->sample_fmt, encoder_->ch_layout.nb_channels, encoder_->frame_size));
}

std::int64_t AudioEncode::samples_at(double time_s) const {
  return std::llround(std::min(time_s, limit_s_) * encoder_->sample_rate);
}

void AudioEncode::write_until(double time_s) {
  const int size = encoder_->frame_size;
  while (sent_ + size <= samples_at(time_s)) {
    while (av_audio_fifo_size(fifo_.get()) < size)
      if (!fill()) return;
    encode(size);
  }
}

void AudioEncode::finish(double end_s) {
  write_until(end_s);
  const auto rest = static_cast<int>(samples_at(end_s) - sent_);
  while (av_audio_fifo_size(fifo_.get()) < rest && fill()) continue;
  const int left = std::min(rest, av_audio_fifo_size(fifo_.get()));
  if (left > 0) encode(left);
  send(nullptr);
}

bool AudioEncode::fill() {
  while (!drained_) {
    if (receive_decoded()) return true;
    if (drained_) break;
    // A packet that cannot be decoded is a gap in the sound, not an end.
    const bool more = demuxer_->next();
    avcodec_send_packet(decoder_.get(), more ? &demuxer_->packet() : nullptr);
  }
  return false;
}

bool AudioEncode::receive_decoded() {
  const int received = avcodec_receive_frame(decoder_.get(), decoded_.get());
  if (received == AVERROR_EOF) {
    resample(nullptr);
    drained_ = true;
    return true;
  }
  if (received < 0) return false;
  if (!aligned_) align_start();
  resample(decoded_.get());
  return true;
}

void AudioEncode::align_start() {
  aligned_ = true;
  const double begin_s = demuxer_->output_time_s(decoded_->best_effort_timestamp);
  const auto samples = static_cast<int>(std::lround(std::abs(begin_s) * encoder_->sample_rate));
  check(begin_s < 0 ? swr_drop_output(resampler_.get(), samples) : swr_inject_silence(resampler_.get(), samples), what_,
        kAdvice);
}

void AudioEncode::resample(const AVFrame* decoded) {
  const int count = decoded ? decoded->nb_samples : 0;
  const auto** input = decoded ? const_cast<const std::uint8_t**>(decoded->extended_data) : nullptr;
  const int room = swr_get_out_samples(resampler_.get(), count);
  if (room <= 0) return;
  Frame converted(av_frame_alloc());
  converted->format = encoder_->sample_fmt;
  converted->nb_samples = room;
  av_channel_layout_copy(&converted->ch_layout, &encoder_->ch_layout);
  check(av_frame_get_buffer(converted.get(), 0), what_, "free memory");
  const int got = check(swr_convert(resampler_.get(), converted->extended_data, room, input, count), what_, kAdvice);
  check(av_audio_fifo_write(fifo_.get(), reinterpret_cast<void**>(converted->extended_data), got), what_,
        "free memory");
}

void AudioEncode::encode(int samples) {
  av_frame_unref(chunk_.get());
  chunk_->format = encoder_->sample_fmt;
  chunk_->nb_samples = samples;
  chunk_->sample_rate = encoder_->sample_rate;
  av_channel_layout_copy(&chunk_->ch_layout, &encoder_->ch_layout);
  check(av_frame_get_buffer(chunk_.get(), 0), what_, "free memory");
  av_audio_fifo_read(fifo_.get(), reinterpret_cast<void**>(chunk_->extended_data), samples);
  chunk_->pts = sent_;
  sent_ += samples;
  send(chunk_.get());
}

void AudioEncode::send(const AVFrame* frame) {
  check(avcodec_send_frame(encoder_.get(), frame), what_, kAdvice);
  while (avcodec_receive_packet(encoder_.get(), packet_.get()) >= 0)
    file_.write(*packet_, stream_, encoder_->time_base);
}

}  // namespace retime
