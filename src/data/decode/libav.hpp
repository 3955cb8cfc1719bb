#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

#include <array>
#include <memory>
#include <string>

namespace retime::decoding {

/// Owns a libav object whose release function takes the address of the pointer.
template <class T, void (*release)(T**)>
struct ReleaseByAddress {
  void operator()(T* object) const { release(&object); }
};
struct ReleaseScaler {
  void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
};

using Codec = std::unique_ptr<AVCodecContext, ReleaseByAddress<AVCodecContext, avcodec_free_context>>;
using Packet = std::unique_ptr<AVPacket, ReleaseByAddress<AVPacket, av_packet_free>>;
using Frame = std::unique_ptr<AVFrame, ReleaseByAddress<AVFrame, av_frame_free>>;
using Input = std::unique_ptr<AVFormatContext, ReleaseByAddress<AVFormatContext, avformat_close_input>>;
using Scaler = std::unique_ptr<SwsContext, ReleaseScaler>;

/// libav's words for an error code.
inline std::string reason(int error) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(error, text.data(), text.size());
  return text.data();
}

}  // namespace retime::decoding
