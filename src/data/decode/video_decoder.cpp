#include "data/decode/video_decoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "core/error.hpp"
#include "core/options.hpp"

namespace retime {

using namespace libav;

namespace {

constexpr const char* kGiveVideo = "give a video file such as MP4, or a folder of frames";

/// Formats that libav finds in any text or binary file.
bool is_guess(const AVInputFormat& format) {
  const std::string name = format.name;
  return name == "tty" || name == "bin" || name == "data";
}

}  // namespace

VideoDecoder::VideoDecoder(const std::filesystem::path& path) : packet_(av_packet_alloc()), frame_(av_frame_alloc()) {
  av_log_set_level(AV_LOG_FATAL);
  open_input(path);
  open_codec("cannot read the video " + path.string());
}

void VideoDecoder::open_input(const std::filesystem::path& path) {
  const std::string what = "cannot read the video " + path.string();
  if (!std::filesystem::exists(path)) throw Error(what + " (no such file): check the path");
  if (!std::filesystem::is_regular_file(path)) throw Error(what + " (it is not a file): " + kGiveVideo);
  if (std::filesystem::file_size(path) == 0) throw Error(what + " (the file is empty): copy or export it again");
  AVFormatContext* context = nullptr;
  const std::string url = "file:" + path.string();
  const int opened = avformat_open_input(&context, url.c_str(), nullptr, nullptr);
  if (opened < 0) throw Error(what + " (" + reason(opened) + "; not a video, or cut off): " + kGiveVideo);
  input_.reset(context);
  if (is_guess(*context->iformat)) throw Error(what + " (it is not a video): " + kGiveVideo);
  const int found = avformat_find_stream_info(context, nullptr);
  if (found < 0) throw Error(what + " (" + reason(found) + "): copy or export it again");
}

void VideoDecoder::open_codec(const std::string& what) {
  const int index = av_find_best_stream(input_.get(), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  const bool cover = index >= 0 && (input_->streams[index]->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
  if (index < 0 || cover)
    throw Error(fmt::format("{} (none of its {} streams is video): {}", what, input_->nb_streams, kGiveVideo));
  stream_ = input_->streams[index];
  for (unsigned i = 0; i < input_->nb_streams; ++i)
    if (static_cast<int>(i) != index) input_->streams[i]->discard = AVDISCARD_ALL;
  const AVCodec* decoder = avcodec_find_decoder(stream_->codecpar->codec_id);
  if (!decoder)
    throw Error(what + " (no decoder for " + avcodec_get_name(stream_->codecpar->codec_id) +
                " here): convert it to H.264 first");
  constexpr int kMostThreads = 8;
  codec_.reset(avcodec_alloc_context3(decoder));
  avcodec_parameters_to_context(codec_.get(), stream_->codecpar);
  codec_->flags |= AV_CODEC_FLAG_UNALIGNED;  // or pictures that are cut at the left keep what is cut
  codec_->pkt_timebase = stream_->time_base;
  codec_->thread_count = std::clamp(
      thread_limit() > 0 ? thread_limit() : static_cast<int>(std::thread::hardware_concurrency()), 1, kMostThreads);
  const int opened = avcodec_open2(codec_.get(), decoder, nullptr);
  if (opened < 0) throw Error(what + " (" + reason(opened) + "): convert it to H.264 first");
}

AVFrame* VideoDecoder::next() {
  for (;;) {
    av_frame_unref(frame_.get());
    const int received = avcodec_receive_frame(codec_.get(), frame_.get());
    if (received == AVERROR_EOF) return nullptr;
    if (received == AVERROR(EAGAIN)) {
      feed();
      continue;
    }
    if (received < 0) {
      ++damaged_;
      continue;
    }
    if (frame_->decode_error_flags != 0 || (frame_->flags & AV_FRAME_FLAG_CORRUPT) != 0) ++damaged_;
    return frame_.get();
  }
}

void VideoDecoder::feed() {
  for (;;) {
    av_packet_unref(packet_.get());
    const int read = av_read_frame(input_.get(), packet_.get());
    if (read < 0) {
      if (read != AVERROR_EOF) read_error_ = reason(read);
      avcodec_send_packet(codec_.get(), nullptr);
      return;
    }
    if (packet_->stream_index == stream_->index) break;
  }
  if (avcodec_send_packet(codec_.get(), packet_.get()) < 0) ++damaged_;
}

std::optional<double> VideoDecoder::time_s(const AVFrame& frame) const {
  if (frame.best_effort_timestamp == AV_NOPTS_VALUE) return std::nullopt;
  return static_cast<double>(frame.best_effort_timestamp) * av_q2d(stream_->time_base);
}

}  // namespace retime
