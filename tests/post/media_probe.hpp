#pragma once

#include <cmath>
#include <filesystem>
#include <stdexcept>
#include <vector>

#include "format/image.hpp"
#include "media/libav.hpp"

namespace retime::test {

/// What a player would see of a media file: parameters and packets of each stream.
struct ProbedStream {
  AVMediaType type;
  AVCodecID codec;
  int width, height;
  AVRational rate;
  AVColorRange range;
  AVColorSpace matrix;
  AVColorPrimaries primaries;
  AVColorTransferCharacteristic transfer;
  int packets = 0;
  double begin_s = 0;
  double end_s = 0;
};

inline std::vector<ProbedStream> probe(const std::filesystem::path& path) {
  AVFormatContext* context = nullptr;
  if (avformat_open_input(&context, path.c_str(), nullptr, nullptr) < 0) throw std::runtime_error("cannot open");
  const libav::Input input(context);
  avformat_find_stream_info(context, nullptr);
  std::vector<ProbedStream> streams;
  for (unsigned i = 0; i < context->nb_streams; ++i) {
    const AVStream& s = *context->streams[i];
    const AVCodecParameters& p = *s.codecpar;
    streams.push_back({p.codec_type, p.codec_id, p.width, p.height, s.avg_frame_rate, p.color_range, p.color_space,
                       p.color_primaries, p.color_trc});
    streams.back().begin_s = static_cast<double>(s.start_time) * av_q2d(s.time_base);
    streams.back().end_s = streams.back().begin_s + static_cast<double>(s.duration) * av_q2d(s.time_base);
  }
  const libav::Packet packet(av_packet_alloc());
  while (av_read_frame(context, packet.get()) >= 0) {
    ++streams[static_cast<std::size_t>(packet->stream_index)].packets;
    av_packet_unref(packet.get());
  }
  return streams;
}

/// Decodes the stream `type` of a file; `use` gets each AVFrame.
template <class Use>
void decode(const std::filesystem::path& path, AVMediaType type, Use&& use) {
  AVFormatContext* context = nullptr;
  if (avformat_open_input(&context, path.c_str(), nullptr, nullptr) < 0) throw std::runtime_error("cannot open");
  const libav::Input input(context);
  avformat_find_stream_info(context, nullptr);
  const AVCodec* decoder = nullptr;
  const int stream = av_find_best_stream(context, type, -1, -1, &decoder, 0);
  if (stream < 0) throw std::runtime_error("no such stream");
  const libav::Codec codec(avcodec_alloc_context3(decoder));
  avcodec_parameters_to_context(codec.get(), context->streams[stream]->codecpar);
  codec->pkt_timebase = context->streams[stream]->time_base;
  avcodec_open2(codec.get(), decoder, nullptr);
  const libav::Packet packet(av_packet_alloc());
  const libav::Frame frame(av_frame_alloc());
  for (bool more = true; more;) {
    more = av_read_frame(context, packet.get()) >= 0;
    if (!more || packet->stream_index == stream) avcodec_send_packet(codec.get(), more ? packet.get() : nullptr);
    av_packet_unref(packet.get());
    while (avcodec_receive_frame(codec.get(), frame.get()) >= 0) use(*frame, context->streams[stream]->time_base);
  }
}

/// Decodes a PNG that holds gray, RGB or RGBA.
inline Image read_png(const std::filesystem::path& path) {
  Image image;
  decode(path, AVMEDIA_TYPE_VIDEO, [&](const AVFrame& frame, AVRational) {
    const int channels = frame.format == AV_PIX_FMT_GRAY8 ? 1 : frame.format == AV_PIX_FMT_RGB24 ? 3 : 4;
    image = Image({frame.width, frame.height}, channels);
    for (int y = 0; y < frame.height; ++y)
      std::copy_n(frame.data[0] + y * frame.linesize[0], image.stride(), image.row(y));
  });
  return image;
}

}  // namespace retime::test
