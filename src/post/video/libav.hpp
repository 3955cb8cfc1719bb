#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/audio_fifo.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
}

#include <memory>
#include <string>

namespace retime::encoding {

/// Owns a libav object whose release function takes the address of the pointer.
template <class T, void (*release)(T**)>
struct ReleaseByAddress {
  void operator()(T* object) const { release(&object); }
};
template <class T, void (*release)(T*)>
struct ReleaseByValue {
  void operator()(T* object) const { release(object); }
};

using Codec = std::unique_ptr<AVCodecContext, ReleaseByAddress<AVCodecContext, avcodec_free_context>>;
using Packet = std::unique_ptr<AVPacket, ReleaseByAddress<AVPacket, av_packet_free>>;
using Frame = std::unique_ptr<AVFrame, ReleaseByAddress<AVFrame, av_frame_free>>;
using Input = std::unique_ptr<AVFormatContext, ReleaseByAddress<AVFormatContext, avformat_close_input>>;
using Resampler = std::unique_ptr<SwrContext, ReleaseByAddress<SwrContext, swr_free>>;
using AudioFifo = std::unique_ptr<AVAudioFifo, ReleaseByValue<AVAudioFifo, av_audio_fifo_free>>;

/// libav's words for an error code.
std::string reason(int error);

/// Throws Error "`what` (reason): `advice`" if `result` is negative; returns it otherwise.
int check(int result, const std::string& what, const std::string& advice);

/// Keeps libav from writing to standard error by itself.
void quiet_libav();

}  // namespace retime::encoding
