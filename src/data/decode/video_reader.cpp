#include "data/decode/video_reader.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <array>
#include <cmath>
#include <cstring>

#include "core/error.hpp"
#include "data/decode/frame_converter.hpp"
#include "data/decode/video_decoder.hpp"

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
    spdlog::warn("{}: its time jumps {} time(s), as in recordings that were joined; the frames follow without a gap",
                 path.string(), timing.jumps());
  if (decoder.damaged() > 0 || !decoder.read_error().empty())
    spdlog::warn("{}: {} damaged places{} were concealed or left out; {} frames were read", path.string(),
                 decoder.damaged(), decoder.read_error().empty() ? "" : " and a read error", frames);
  else if (timing.jumps() == 0 && info.frame_count && frames < *info.frame_count - 1)
    spdlog::warn("{}: only {} of {} frames could be read; the file may be cut off", path.string(), frames,
                 *info.frame_count);
  if (frames <= range.first)
    throw Error(fmt::format("the range begins at frame {} of {} (it has {} frames): begin earlier", range.first,
                            path.string(), frames));
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
