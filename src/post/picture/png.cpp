#include "post/picture/png.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "core/error.hpp"
#include "core/files.hpp"
#include "post/video/libav.hpp"

namespace retime {
namespace {

using namespace encoding;

AVPixelFormat pixel_format(const Image& image, const std::string& what) {
  if (image.size.area() == 0) throw Error(what + " (the picture is empty): give one with pixels");
  switch (image.channels) {
    case 1:
      return AV_PIX_FMT_GRAY8;
    case 3:
      return AV_PIX_FMT_RGB24;
    case 4:
      return AV_PIX_FMT_RGBA;
    default:
      throw Error(what + " (" + std::to_string(image.channels) + " channels): give 1, 3 or 4");
  }
}

Codec open_encoder(const Image& image, AVPixelFormat format, const std::string& what) {
  const AVCodec* png = avcodec_find_encoder(AV_CODEC_ID_PNG);
  if (!png) throw Error(what + " (this FFmpeg has no PNG encoder): install a complete FFmpeg");
  Codec codec(avcodec_alloc_context3(png));
  codec->width = image.size.width;
  codec->height = image.size.height;
  codec->pix_fmt = format;
  codec->time_base = {1, 25};
  codec->compression_level = 4;
  codec->thread_count = 1;
  av_opt_set(codec->priv_data, "pred", "paeth", 0);
  check(avcodec_open2(codec.get(), png, nullptr), what, "report the picture's size and format");
  return codec;
}

Frame to_frame(const Image& image, AVPixelFormat format, const std::string& what) {
  Frame frame(av_frame_alloc());
  frame->width = image.size.width;
  frame->height = image.size.height;
  frame->format = format;
  check(av_frame_get_buffer(frame.get(), 0), what, "free memory");
  for (int y = 0; y < image.size.height; ++y)
    std::memcpy(frame->data[0] + static_cast<std::ptrdiff_t>(y) * frame->linesize[0], image.row(y), image.stride());
  return frame;
}

void write_bytes(const std::filesystem::path& path, const AVPacket& packet, const std::string& what) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (!file) throw Error(what + " (" + std::strerror(errno) + "): check the folder and its rights");
  const auto size = static_cast<std::size_t>(packet.size);
  const bool written = std::fwrite(packet.data, 1, size, file) == size;
  const bool closed = std::fclose(file) == 0;
  if (written && closed) return;
  const int error = errno;
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  throw Error(what + " (" + std::strerror(error) + "): free space or choose another folder");
}

}  // namespace

void write_png(const std::filesystem::path& path, const Image& image) {
  quiet_libav();
  const std::string what = "cannot write the picture " + path.string();
  const AVPixelFormat format = pixel_format(image, what);
  const Codec codec = open_encoder(image, format, what);
  const Frame frame = to_frame(image, format, what);
  const Packet packet(av_packet_alloc());
  check(avcodec_send_frame(codec.get(), frame.get()), what, "report the picture's size and format");
  check(avcodec_receive_packet(codec.get(), packet.get()), what, "report the picture's size and format");
  const auto temporary = temporary_name(path);
  write_bytes(temporary, *packet, what);
  std::error_code error;
  std::filesystem::rename(temporary, path, error);
  if (!error) return;
  std::error_code ignored;
  std::filesystem::remove(temporary, ignored);
  throw Error(what + " (" + error.message() + "): remove what stands there, or choose another folder");
}

}  // namespace retime
