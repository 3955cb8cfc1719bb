#pragma once

#include <functional>

#include "format/image.hpp"
#include "media/libav.hpp"

namespace retime {

/// RGB to 4:2:0 in BT.709 limited range (ITU-R BT.709-6, items 3.2 to 3.4) through swscale. Chroma sits on the left
/// pixel of each pair and between the rows, as H.264 assumes: filtered by 1/4 1/2 1/4 along a row, 1/2 1/2 down.
class Yuv420Converter {
 public:
  /// For pictures of `size`, both even. Throws Error.
  explicit Yuv420Converter(Size size);

  /// Fills a frame of that size in AV_PIX_FMT_YUV420P from `rgb` [H, W, 3].
  void operator()(const Image& rgb, AVFrame& yuv) const;

 private:
  libav::Scaler scaler_;
};

struct VideoWriterOptions;

/// RGB frames to H.264 packets through libx264: BT.709 limited range, yuv420p, left chroma siting.
class FrameEncoder {
 public:
  using PacketSink = std::function<void(AVPacket&)>;

  /// `what` begins each error. Throws Error if libx264 is missing or refuses the settings.
  FrameEncoder(Size size, FrameRate rate, const VideoWriterOptions& options, bool global_header, std::string what);

  /// `rgb` [H, W, 3]. `sink` gets the packets that are ready, in units of time_base().
  void encode(const Image& rgb, const PacketSink& sink);
  /// Gives `sink` the packets that are still under way.
  void flush(const PacketSink& sink);

  const AVCodecContext& codec() const { return *codec_; }
  int frames() const { return count_; }

 private:
  void send(const AVFrame* frame, const PacketSink& sink);
  void pad_edges(const Image& rgb);

  Size size_;
  std::string what_;
  Image padded_;
  Yuv420Converter to_yuv_;
  libav::Codec codec_;
  libav::Frame frame_;
  libav::Packet packet_;
  int count_ = 0;
};

}  // namespace retime
