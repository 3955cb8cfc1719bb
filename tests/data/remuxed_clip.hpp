#pragma once

#include <filesystem>
#include <functional>
#include <stdexcept>

#include "media/libav.hpp"

namespace retime::test {

/// What a remuxed clip has that the writer does not make.
struct Remux {
  std::function<double(int packet)> time_frames;  ///< new time of the n-th picture, in frames of the source
  int rotation = 0;                               ///< degrees clockwise, as phones write it
  AVRational pixel_aspect = {1, 1};
  bool mirrored = false;  ///< after the rotation
};

/// Copies the pictures of `from` (made without B-frames) to `to`, a name ending in .mp4.
inline void remux(const std::filesystem::path& from, const std::filesystem::path& to, const Remux& change) {
  AVFormatContext* opened = nullptr;
  if (avformat_open_input(&opened, from.c_str(), nullptr, nullptr) < 0) throw std::runtime_error("cannot open");
  const libav::Input input(opened);
  avformat_find_stream_info(opened, nullptr);
  const AVStream& source = *opened->streams[0];
  AVFormatContext* output = nullptr;
  avformat_alloc_output_context2(&output, nullptr, "mp4", to.c_str());
  AVStream* stream = avformat_new_stream(output, nullptr);
  avcodec_parameters_copy(stream->codecpar, source.codecpar);
  stream->codecpar->codec_tag = 0;
  stream->time_base = source.time_base;
  stream->sample_aspect_ratio = stream->codecpar->sample_aspect_ratio = change.pixel_aspect;
  if (change.rotation != 0 || change.mirrored) {
    auto* matrix = av_stream_new_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, 9 * sizeof(std::int32_t));
    av_display_rotation_set(reinterpret_cast<std::int32_t*>(matrix), change.rotation);
    if (change.mirrored) av_display_matrix_flip(reinterpret_cast<std::int32_t*>(matrix), 1, 0);
  }
  avio_open(&output->pb, to.c_str(), AVIO_FLAG_WRITE);
  if (avformat_write_header(output, nullptr) < 0) throw std::runtime_error("cannot write");
  const libav::Packet packet(av_packet_alloc());
  for (int n = 0; av_read_frame(opened, packet.get()) >= 0; ++n) {
    const double frame = change.time_frames ? change.time_frames(n) : n;
    packet->pts = packet->dts =
        static_cast<std::int64_t>(frame / av_q2d(source.avg_frame_rate) / av_q2d(source.time_base));
    packet->stream_index = 0;
    av_packet_rescale_ts(packet.get(), source.time_base, stream->time_base);
    av_interleaved_write_frame(output, packet.get());
  }
  av_write_trailer(output);
  avio_closep(&output->pb);
  avformat_free_context(output);
}

}  // namespace retime::test
