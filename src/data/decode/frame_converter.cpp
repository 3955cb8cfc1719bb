#include "data/decode/frame_converter.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"

namespace retime {

using namespace libav;

namespace {

constexpr int kRgb = 3;

/// The format without the range that the old "J" formats carry in their name.
int plain_format(int format) {
  switch (format) {
    case AV_PIX_FMT_YUVJ420P:
      return AV_PIX_FMT_YUV420P;
    case AV_PIX_FMT_YUVJ422P:
      return AV_PIX_FMT_YUV422P;
    case AV_PIX_FMT_YUVJ444P:
      return AV_PIX_FMT_YUV444P;
    case AV_PIX_FMT_YUVJ440P:
      return AV_PIX_FMT_YUV440P;
    default:
      return format;
  }
}

bool is_rgb(const AVFrame& frame) {
  const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  return format && (format->flags & AV_PIX_FMT_FLAG_RGB) != 0;
}

int sws_matrix(AVColorSpace matrix) {
  switch (matrix) {
    case AVCOL_SPC_BT709:
      return SWS_CS_ITU709;
    case AVCOL_SPC_FCC:
      return SWS_CS_FCC;
    case AVCOL_SPC_SMPTE240M:
      return SWS_CS_SMPTE240M;
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
      return SWS_CS_BT2020;
    default:
      return SWS_CS_ITU601;
  }
}

/// Of the pixels that share a sample of chroma: the middle of their first one to the middle of them all, in 1/256
/// pixels. 0 where each pixel has its own.
int middle(int log2_pixels) { return (128 << log2_pixels) - 128; }

/// Where in those pixels the sample lies, in multiples of `middle`: 0 the first, 1 the middle, 2 the last.
int chroma_column(AVChromaLocation location, bool is_old_jpeg) {
  if (location == AVCHROMA_LOC_UNSPECIFIED) return is_old_jpeg ? 1 : 0;
  return location == AVCHROMA_LOC_CENTER || location == AVCHROMA_LOC_TOP || location == AVCHROMA_LOC_BOTTOM ? 1 : 0;
}
int chroma_row(AVChromaLocation location) {
  if (location == AVCHROMA_LOC_TOPLEFT || location == AVCHROMA_LOC_TOP) return 0;
  return location == AVCHROMA_LOC_BOTTOMLEFT || location == AVCHROMA_LOC_BOTTOM ? 2 : 1;
}

/// Turns `source` clockwise by a multiple of 90 degrees, then mirrors it if need be.
void turn(const Image& source, const Orientation& orientation, Image& target) {
  const int width = target.size.width;
  const int height = target.size.height;
  const int degrees = orientation.rotation;
  for (int y = 0; y < height; ++y)
    for (int column = 0; column < width; ++column) {
      const int x = orientation.mirrored ? width - 1 - column : column;  // before it is mirrored
      const int source_x = degrees == 0 ? x : degrees == 90 ? y : degrees == 180 ? width - 1 - x : height - 1 - y;
      const int source_y = degrees == 0 ? y : degrees == 90 ? width - 1 - x : degrees == 180 ? height - 1 - y : x;
      std::copy_n(source.row(source_y) + kRgb * source_x, kRgb, target.row(y) + kRgb * column);
    }
}

/// Whether the YCbCr matrix is none of those that swscale knows, nor like one.
bool is_foreign(AVColorSpace matrix) {
  return matrix == AVCOL_SPC_YCGCO || matrix == AVCOL_SPC_SMPTE2085 || matrix == AVCOL_SPC_ICTCP;
}

}  // namespace

std::string FrameColour::name() const {
  if (matrix == AVCOL_SPC_RGB) return "rgb";
  const char* known = av_color_space_name(matrix);
  const bool is_601 = matrix == AVCOL_SPC_SMPTE170M || matrix == AVCOL_SPC_BT470BG;
  return std::string(is_601  ? "bt601"
                     : known ? known
                             : "unknown") +
         (full_range ? " full" : " limited") + (tagged ? "" : " (not tagged)");
}

FrameColour frame_colour(const AVFrame& frame) {
  constexpr int kHighDefinition = 720;
  if (is_rgb(frame)) return {AVCOL_SPC_RGB, true, true};
  FrameColour colour;
  colour.matrix = frame.colorspace;
  colour.full_range = frame.color_range == AVCOL_RANGE_JPEG || plain_format(frame.format) != frame.format;
  colour.tagged = frame.colorspace != AVCOL_SPC_UNSPECIFIED && frame.colorspace != AVCOL_SPC_RGB;
  if (!colour.tagged) colour.matrix = frame.height < kHighDefinition ? AVCOL_SPC_SMPTE170M : AVCOL_SPC_BT709;
  return colour;
}

FrameConverter::FrameConverter(const AVFrame& first, double pixel_aspect, const Orientation& orientation)
    : orientation_(orientation) {
  const int width = std::max(1, static_cast<int>(std::lround(first.width * pixel_aspect)));
  unturned_ = Image({width, first.height}, kRgb);
  size_ = orientation.rotation % 180 == 0 ? unturned_.size : Size{first.height, width};
}

void FrameConverter::open_scaler(const Input& input) {
  if (is_foreign(input.colour.matrix))
    throw Error("cannot convert frames whose colours are coded as " + input.colour.name() +
                " (not supported): convert the video to bt709 first");
  scaler_.reset(sws_alloc_context());
  const auto set = [&](const char* name, int value) { av_opt_set_int(scaler_.get(), name, value, 0); };
  set("srcw", input.width);
  set("srch", input.height);
  set("src_format", plain_format(input.format));
  set("dstw", unturned_.size.width);
  set("dsth", unturned_.size.height);
  set("dst_format", AV_PIX_FMT_RGB24);
  set("sws_flags", SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP);
  const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(input.format));
  const bool is_old_jpeg = plain_format(input.format) != input.format;
  set("src_h_chr_pos", chroma_column(input.chroma, is_old_jpeg) * middle(format ? format->log2_chroma_w : 0));
  set("src_v_chr_pos", chroma_row(input.chroma) * middle(format ? format->log2_chroma_h : 0));
  const int* matrix = sws_getCoefficients(sws_matrix(input.colour.matrix));
  sws_setColorspaceDetails(scaler_.get(), matrix, input.colour.full_range, matrix, 1, 0, 1 << 16, 1 << 16);
  const int opened = sws_init_context(scaler_.get(), nullptr, nullptr);
  if (opened < 0) {
    const char* name = av_get_pix_fmt_name(static_cast<AVPixelFormat>(input.format));
    throw Error(std::string("cannot convert frames of pixel format ") + (name ? name : "unknown") + " (" +
                reason(opened) + "): convert the video to H.264 yuv420p first");
  }
  input_ = input;
}

void FrameConverter::convert(const AVFrame& frame, Image& rgb) {
  const Input input = {frame.width, frame.height, frame.format, frame.chroma_location, frame_colour(frame)};
  if (!scaler_ || !(input == input_)) open_scaler(input);
  if (rgb.size != size_ || rgb.channels != kRgb) rgb = Image(size_, kRgb);
  const bool is_upright = orientation_ == Orientation{};
  Image& target = is_upright ? rgb : unturned_;
  std::uint8_t* planes[] = {target.pixels.data()};
  const int strides[] = {static_cast<int>(target.stride())};
  sws_scale(scaler_.get(), frame.data, frame.linesize, 0, frame.height, planes, strides);
  if (!is_upright) turn(unturned_, orientation_, rgb);
}

}  // namespace retime
