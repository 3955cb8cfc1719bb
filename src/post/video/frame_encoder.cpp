#include "post/video/frame_encoder.hpp"

#include <algorithm>
#include <cstring>
#include <initializer_list>

#include "core/error.hpp"
#include "core/options.hpp"
#include "post/video/video_writer.hpp"

namespace retime {
namespace {

using namespace libav;

constexpr int kPaddedChannels = 3;

int even(int length) { return length + length % 2; }

Codec open_codec(Size size, FrameRate rate, const VideoWriterOptions& options, bool global_header,
                 const std::string& what) {
  const AVCodec* x264 = avcodec_find_encoder_by_name("libx264");
  if (!x264) throw Error(what + " (this FFmpeg has no libx264): install an FFmpeg with it, or write PNG frames");
  Codec codec(avcodec_alloc_context3(x264));
  codec->width = size.width;
  codec->height = size.height;
  codec->pix_fmt = AV_PIX_FMT_YUV420P;
  codec->time_base = {rate.den, rate.num};
  codec->framerate = {rate.num, rate.den};
  codec->sample_aspect_ratio = {1, 1};
  codec->color_range = AVCOL_RANGE_MPEG;
  codec->color_primaries = AVCOL_PRI_BT709;
  codec->color_trc = AVCOL_TRC_BT709;
  codec->colorspace = AVCOL_SPC_BT709;
  codec->chroma_sample_location = AVCHROMA_LOC_LEFT;
  codec->thread_count = options.threads > 0 ? options.threads : thread_limit();
  if (global_header) codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  av_opt_set(codec->priv_data, "preset", options.preset.c_str(), 0);
  av_opt_set_double(codec->priv_data, "crf", options.crf, 0);
  check(avcodec_open2(codec.get(), x264, nullptr), what, "check the size, the frame rate and the preset");
  return codec;
}

using Vector = std::unique_ptr<SwsVector, libav::ReleaseByValue<SwsVector, sws_freeVec>>;

Vector weights(std::initializer_list<double> values) {
  Vector vector(sws_allocVec(static_cast<int>(values.size())));
  std::copy(values.begin(), values.end(), vector->coeff);
  return vector;
}

}  // namespace

FrameEncoder::FrameEncoder(Size size, FrameRate rate, const VideoWriterOptions& options, bool global_header,
                           std::string what)
    : size_(size),
      what_(std::move(what)),
      padded_({even(size.width), even(size.height)}, kPaddedChannels),
      to_yuv_(padded_.size) {
  codec_ = open_codec(padded_.size, rate, options, global_header, what_);
  packet_.reset(av_packet_alloc());
  frame_.reset(av_frame_alloc());
  frame_->width = padded_.size.width;
  frame_->height = padded_.size.height;
  frame_->format = AV_PIX_FMT_YUV420P;
  check(av_frame_get_buffer(frame_.get(), 0), what_, "free memory");
}

void FrameEncoder::pad_edges(const Image& rgb) {
  for (int y = 0; y < padded_.size.height; ++y) {
    const std::uint8_t* source = rgb.row(std::min(y, size_.height - 1));
    std::memcpy(padded_.row(y), source, rgb.stride());
    const std::size_t rest = padded_.stride() - rgb.stride();
    std::memcpy(padded_.row(y) + rgb.stride(), source + rgb.stride() - kPaddedChannels, rest);
  }
}

void FrameEncoder::encode(const Image& rgb, const PacketSink& sink) {
  const bool odd = padded_.size != size_;
  if (odd) pad_edges(rgb);
  const Image& picture = odd ? padded_ : rgb;
  check(av_frame_make_writable(frame_.get()), what_, "free memory");
  to_yuv_(picture, *frame_);
  frame_->pts = count_++;
  send(frame_.get(), sink);
}

void FrameEncoder::flush(const PacketSink& sink) { send(nullptr, sink); }

void FrameEncoder::send(const AVFrame* frame, const PacketSink& sink) {
  check(avcodec_send_frame(codec_.get(), frame), what_, "report the frame's size");
  for (;;) {
    const int received = avcodec_receive_packet(codec_.get(), packet_.get());
    if (received == AVERROR(EAGAIN) || received == AVERROR_EOF) return;
    check(received, what_, "report the frame's size");
    packet_->duration = 1;
    sink(*packet_);
  }
}

Yuv420Converter::Yuv420Converter(Size size) : scaler_(sws_alloc_context()) {
  constexpr int kPlain = 1 << 16;  // contrast and saturation, 16.16
  const auto set = [&](const char* name, int value) { av_opt_set_int(scaler_.get(), name, value, 0); };
  set("srcw", size.width);
  set("srch", size.height);
  set("src_format", AV_PIX_FMT_RGB24);
  set("dstw", size.width);
  set("dsth", size.height);
  set("dst_format", AV_PIX_FMT_YUV420P);
  // Every second pixel of every second row, after the filters. (SWS_AREA is the same but for the leftmost column.)
  set("sws_flags", SWS_POINT | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP | SWS_BITEXACT);
  set("dst_h_chr_pos", 0);
  set("dst_v_chr_pos", 0);
  const int* matrix = sws_getCoefficients(SWS_CS_ITU709);
  sws_setColorspaceDetails(scaler_.get(), matrix, 1, matrix, 0, 0, kPlain, kPlain);
  const Vector along = weights({0.25, 0.5, 0.25}), down = weights({0.5, 0.5});
  SwsFilter filter{nullptr, nullptr, along.get(), down.get()};
  libav::check(sws_init_context(scaler_.get(), &filter, nullptr), "cannot convert frames of " + size_text(size),
               "give frames of even size");
}

void Yuv420Converter::operator()(const Image& rgb, AVFrame& yuv) const {
  const std::uint8_t* planes[] = {rgb.pixels.data()};
  const int strides[] = {static_cast<int>(rgb.stride())};
  sws_scale(scaler_.get(), planes, strides, 0, rgb.size.height, yuv.data, yuv.linesize);
}

}  // namespace retime
