#include "post/video/audio_track.hpp"

#include <spdlog/spdlog.h>

#include "core/error.hpp"
#include "post/video/audio_copy.hpp"
#include "post/video/audio_encode.hpp"

namespace retime {

std::unique_ptr<AudioTrack> open_audio_track(const AudioReference& reference, Mp4File& file) {
  try {
    auto demuxer = std::make_unique<AudioDemuxer>(reference);
    const AVCodecID codec = demuxer->stream().codecpar->codec_id;
    if (can_copy_audio(codec)) return std::make_unique<AudioCopy>(reference, std::move(demuxer), file);
    spdlog::info("the sound of {} ({}) does not fit into MP4 and is encoded as AAC", reference.path.string(),
                 avcodec_get_name(codec));
    return std::make_unique<AudioEncode>(reference, std::move(demuxer), file);
  } catch (const Error& error) {
    spdlog::warn("{} gets no sound: {}", file.path().string(), error.what());
    return nullptr;
  }
}

}  // namespace retime
