#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/audio_fifo.h>
#include <libavutil/display.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
}

#include <memory>
#include <string>

namespace retime::libav {

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
using Scaler = std::unique_ptr<SwsContext, ReleaseByValue<SwsContext, sws_freeContext>>;
using Resampler = std::unique_ptr<SwrContext, ReleaseByAddress<SwrContext, swr_free>>;
using AudioFifo = std::unique_ptr<AVAudioFifo, ReleaseByValue<AVAudioFifo, av_audio_fifo_free>>;

/// libav's words for an error code.
std::string reason(int error);

/// Throws Error "`what` (reason): `advice`" if `result` is negative; returns it otherwise.
int check(int result, const std::string& what, const std::string& advice);

/// Keeps libav from writing to standard error by itself.
void quiet_libav();

/// Whether a timestamp that comes `late_s` seconds after the end of what was before it (negative: too early) begins
/// another recording, as in files that were joined, so that it follows at once. Further back than a second is no
/// jitter; formats whose clock `may_jump` (MPEG-TS) have no gaps of more than ten seconds.
constexpr bool is_time_jump(double late_s, bool may_jump) {
  constexpr double kBack_s = 1.0, kGap_s = 10.0;
  return late_s < -kBack_s || (may_jump && late_s > kGap_s);
}

}  // namespace retime::libav
