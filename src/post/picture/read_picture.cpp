#include "post/picture/read_picture.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "post/video/libav.hpp"

namespace retime {
namespace {

using namespace encoding;

constexpr const char* kAdvice = "make this picture again";

std::vector<char> read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error("cannot read " + path.string() + " (no such file, or no right to): check the folder");
  return {std::istreambuf_iterator<char>(file), {}};
}

int channels_of(int format, const std::string& what) {
  switch (format) {
    case AV_PIX_FMT_GRAY8:
      return 1;
    case AV_PIX_FMT_RGB24:
      return 3;
    case AV_PIX_FMT_RGBA:
      return 4;
    default:
      throw Error(what + " (it has a palette or another depth than 8 bits): save it as 8-bit gray, RGB or RGBA");
  }
}

Frame decode(const std::vector<char>& bytes, const std::string& what) {
  const AVCodec* png = avcodec_find_decoder(AV_CODEC_ID_PNG);
  if (!png) throw Error(what + " (this FFmpeg has no PNG decoder): install a complete FFmpeg");
  const Codec codec(avcodec_alloc_context3(png));
  codec->thread_count = 1;
  check(avcodec_open2(codec.get(), png, nullptr), what, kAdvice);
  const Packet packet(av_packet_alloc());
  check(av_new_packet(packet.get(), static_cast<int>(bytes.size())), what, kAdvice);
  std::copy(bytes.begin(), bytes.end(), packet->data);
  Frame frame(av_frame_alloc());
  check(avcodec_send_packet(codec.get(), packet.get()), what, kAdvice);
  check(avcodec_receive_frame(codec.get(), frame.get()), what, kAdvice);
  return frame;
}

}  // namespace

Image read_picture(const std::filesystem::path& path) {
  quiet_libav();
  const std::string what = "cannot read the picture " + path.string();
  const Frame frame = decode(read_bytes(path), what);
  Image image({frame->width, frame->height}, channels_of(frame->format, what));
  for (int y = 0; y < image.size.height; ++y)
    std::memcpy(image.row(y), frame->data[0] + static_cast<std::ptrdiff_t>(y) * frame->linesize[0], image.stride());
  return image;
}

Image read_picture(const std::filesystem::path& path, Size size, int channels) {
  Image image = read_picture(path);
  if (image.size == size && image.channels == channels) return image;
  throw Error(path.string() + " is " + size_text(image.size) + " with " + std::to_string(image.channels) +
              " channel(s), expected " + size_text(size) + " with " + std::to_string(channels) +
              " (it does not belong to the other pictures): make the folder again");
}

}  // namespace retime
