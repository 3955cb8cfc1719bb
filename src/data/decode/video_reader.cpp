#include "data/decode/video_reader.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <thread>

#include "core/error.hpp"
#include "core/options.hpp"
#include "core/text.hpp"
#include "data/decode/frame_converter.hpp"

namespace retime {
namespace {

using namespace libav;

FrameRate to_rate(AVRational r) { return {r.num, r.den}; }

/// How the pictures are to be turned, from the container's display matrix.
Orientation display_orientation(const AVStream& stream, const std::filesystem::path& path) {
  const std::uint8_t* data = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, nullptr);
  std::array<std::int32_t, 9> matrix{};
  if (!data) return {};
  std::memcpy(matrix.data(), data, sizeof matrix);
  const auto at = [&](std::size_t i) { return static_cast<double>(matrix[i]); };
  const bool mirrored = at(0) * at(4) - at(1) * at(3) < 0;
  if (mirrored) av_display_matrix_flip(matrix.data(), 1, 0);  // which leaves the rotation before it
  const double counterclockwise = av_display_rotation_get(matrix.data());
  if (std::isnan(counterclockwise)) return {};
  const double quarters = -counterclockwise / 90;
  if (std::abs(quarters - std::round(quarters)) > 0.01)
    spdlog::warn("{} is to be shown turned by {} degrees; only quarter turns are applied", path.string(),
                 -counterclockwise);
  return {static_cast<int>(std::lround(quarters) % 4 + 4) % 4 * 90, mirrored};
}

/// What is not read as it is meant, or empty.
std::string reservation(const AVCodecParameters& stream, const AVFrame& frame) {
  if (frame.color_trc == AVCOL_TRC_SMPTE2084 || frame.color_trc == AVCOL_TRC_ARIB_STD_B67)
    return "its brightness is coded for HDR screens and taken as it is, so it may look dull";
  if (stream.field_order != AV_FIELD_UNKNOWN && stream.field_order != AV_FIELD_PROGRESSIVE)
    return "it is interlaced, so people who move have combed edges; deinterlace it first";
  return {};
}

double pixel_aspect(const VideoDecoder& decoder, AVFrame& frame) {
  const AVRational aspect = av_guess_sample_aspect_ratio(decoder.input(), decoder.stream(), &frame);
  return aspect.num > 0 && aspect.den > 0 ? av_q2d(aspect) : 1.0;
}

std::optional<int> declared_frames(const AVFormatContext& input, const AVStream& stream, FrameRate rate) {
  double seconds = 0;
  if (stream.duration != AV_NOPTS_VALUE)
    seconds = static_cast<double>(stream.duration) * av_q2d(stream.time_base);
  else if (input.duration != AV_NOPTS_VALUE)
    seconds = static_cast<double>(input.duration) / AV_TIME_BASE;
  const auto by_time = std::lround(seconds * rate.value());
  // At a constant rate the container's own count is exact; at a variable one only the duration tells.
  const bool constant = std::abs(static_cast<double>(stream.nb_frames - by_time)) <= 1;
  if (stream.nb_frames > 0 && (constant || by_time <= 0)) return static_cast<int>(stream.nb_frames);
  if (by_time > 0) return static_cast<int>(by_time);
  return std::nullopt;
}

}  // namespace

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

struct VideoReader::Impl {
  Impl(const std::filesystem::path& file, const FrameRange& frames);

  bool advance();
  bool place_upcoming();
  void report_end();

  std::filesystem::path path;
  FrameRange range;
  VideoDecoder decoder;
  ClipInfo info;
  std::optional<FrameConverter> converter;
  FrameTiming timing{FrameRate{}};
  double first_time_s = 0;
  Frame shown{av_frame_alloc()};     ///< of the current place in the constant-rate stream
  Frame upcoming{av_frame_alloc()};  ///< decoded, shown after `repeats` more places; empty at the end
  int repeats = 0;
  int place = -1;  ///< of `shown`
  bool ended = false;
  bool converted = false;
  Image rgb;
};

VideoReader::Impl::Impl(const std::filesystem::path& file, const FrameRange& frames)
    : path(file), range(frames), decoder(file) {
  AVFrame* first = decoder.next();
  if (!first)
    throw Error(
        fmt::format("cannot read the video {} (no frame of it can be decoded, {} damaged packets): copy or "
                    "export it again",
                    file.string(), decoder.damaged()));
  AVStream* stream = decoder.stream();
  info.rate =
      constant_rate(to_rate(av_guess_frame_rate(decoder.input(), stream, nullptr)), to_rate(stream->avg_frame_rate));
  info.frame_count = declared_frames(*decoder.input(), *stream, info.rate);
  info.orientation = display_orientation(*stream, file);
  info.has_audio = av_find_best_stream(decoder.input(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0) >= 0;
  info.colour = frame_colour(*first).name();
  if (const auto text = reservation(*stream->codecpar, *first); !text.empty())
    spdlog::warn("{}: {}", file.string(), text);
  converter.emplace(*first, pixel_aspect(decoder, *first), info.orientation);
  info.size = converter->size();
  info.stored_size =
      info.orientation.rotation % 180 == 0 ? Size{first->width, first->height} : Size{first->height, first->width};
  const bool may_jump = (decoder.input()->iformat->flags & AVFMT_TS_DISCONT) != 0;
  timing = FrameTiming(info.rate, may_jump);
  first_time_s = decoder.time_s(*first).value_or(0);
  timing.place(0);
  av_frame_move_ref(upcoming.get(), first);
}

/// Decodes on to the next frame that has a place; false at the end.
bool VideoReader::Impl::place_upcoming() {
  while (AVFrame* frame = decoder.next()) {
    const auto time_s = decoder.time_s(*frame);
    FrameTiming::Placement placement;
    if (time_s)
      placement = timing.place(*time_s - first_time_s);
    else
      timing.place_next();
    if (placement.drop) continue;
    repeats = placement.repeats;
    av_frame_move_ref(upcoming.get(), frame);
    return true;
  }
  return false;
}

/// Moves `shown` on by one place; false after the last.
bool VideoReader::Impl::advance() {
  if (ended) return false;
  if (repeats > 0) {
    --repeats;
  } else if (upcoming->buf[0]) {
    av_frame_unref(shown.get());
    av_frame_move_ref(shown.get(), upcoming.get());
    converted = false;
    place_upcoming();
  } else {
    ended = true;
    report_end();
    return false;
  }
  ++place;
  return true;
}

void VideoReader::Impl::report_end() {
  const int frames = place + 1;
  if (timing.jumps() > 0)
    spdlog::warn("{}: its time jumps {}, as in recordings that were joined; the frames follow without a gap",
                 path.string(), counted(timing.jumps(), "time"));
  if (decoder.damaged() > 0 || !decoder.read_error().empty())
    spdlog::warn("{}: concealed or left out: {}{}; read: {}", path.string(),
                 counted(decoder.damaged(), "damaged place"), decoder.read_error().empty() ? "" : " and a read error",
                 counted(frames, "frame"));
  else if (timing.jumps() == 0 && info.frame_count && frames < *info.frame_count - 1)
    spdlog::warn("{}: only {} of {} frames could be read; the file may be cut off", path.string(), frames,
                 *info.frame_count);
  if (frames <= range.first)
    throw Error(fmt::format("the range begins at frame {} of {} (it has {}): begin earlier", range.first, path.string(),
                            counted(frames, "frame")));
}

VideoReader::VideoReader(const std::filesystem::path& path, const FrameRange& range) {
  if (range.first < 0 || range.last < range.first)
    throw Error(fmt::format("the frame range {}..{} is empty (for {}): give first <= last, from 0", range.first,
                            range.last, path.string()));
  impl_ = std::make_unique<Impl>(path, range);
}

VideoReader::~VideoReader() = default;

const ClipInfo& VideoReader::info() const { return impl_->info; }

int VideoReader::damaged() const { return impl_->decoder.damaged(); }

bool VideoReader::next(Image& rgb) {
  Impl& r = *impl_;
  if (r.place >= r.range.last) return false;
  do {
    if (!r.advance()) return false;
  } while (r.place < r.range.first);
  if (!r.converted) r.converter->convert(*r.shown, r.rgb);
  r.converted = true;
  rgb = r.rgb;
  return true;
}

}  // namespace retime
