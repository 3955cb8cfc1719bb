#pragma once

#include <functional>

#include "format/image.hpp"
#include "media/libav.hpp"
#include "post/video/yuv420.hpp"

namespace retime {

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
