#include "post/video/mp4_file.hpp"

#include "core/error.hpp"
#include "core/files.hpp"

namespace retime {

using namespace libav;

namespace {

const char* muxer_name(const std::filesystem::path& path) {
  const std::string ending = path.extension().string();
  if (ending == ".mp4" || ending == ".m4v") return "mp4";
  if (ending == ".mov") return "mov";
  throw Error("cannot write " + path.string() + " (the ending '" + ending +
              "' is not known): use .mp4, .m4v or .mov, or a name ending in / for a folder of PNG frames");
}

}  // namespace

Mp4File::Mp4File(const std::filesystem::path& path) : path_(path), temporary_(temporary_name(path)) {
  const std::string what = "cannot write the video " + path.string();
  const char* name = muxer_name(path);
  check_writable(path);
  remove_stale_temporaries(path);
  AVFormatContext* muxer = nullptr;
  check(avformat_alloc_output_context2(&muxer, nullptr, name, temporary_.c_str()), what, "free memory");
  muxer_.reset(muxer);
  check(avio_open(&muxer_->pb, temporary_.c_str(), AVIO_FLAG_WRITE), what, "check the folder and its rights");
}

void Mp4File::Close::operator()(AVFormatContext* muxer) const {
  std::error_code ignored;
  std::filesystem::remove(muxer->url, ignored);
  avio_closep(&muxer->pb);
  avformat_free_context(muxer);
}

int Mp4File::check_write(int result) const {
  return check(result, "cannot write the video " + path_.string(), "free space or choose another folder");
}

int Mp4File::add_video_stream(const AVCodecContext& encoder) {
  AVStream* stream = avformat_new_stream(muxer_.get(), nullptr);
  check_write(avcodec_parameters_from_context(stream->codecpar, &encoder));
  stream->time_base = encoder.time_base;
  stream->avg_frame_rate = stream->r_frame_rate = encoder.framerate;
  stream->sample_aspect_ratio = encoder.sample_aspect_ratio;
  return stream->index;
}

int Mp4File::add_stream(const AVCodecParameters& parameters, AVRational time_base) {
  AVStream* stream = avformat_new_stream(muxer_.get(), nullptr);
  check_write(avcodec_parameters_copy(stream->codecpar, &parameters));
  stream->codecpar->codec_tag = 0;
  stream->time_base = time_base;
  return stream->index;
}

void Mp4File::begin() {
  AVDictionary* options = nullptr;
  av_dict_set(&options, "movflags", "+faststart+write_colr", 0);
  const int started = avformat_write_header(muxer_.get(), &options);
  av_dict_free(&options);
  check_write(started);
}

void Mp4File::write(AVPacket& packet, int stream, AVRational time_base) {
  packet.stream_index = stream;
  av_packet_rescale_ts(&packet, time_base, muxer_->streams[stream]->time_base);
  check_write(av_interleaved_write_frame(muxer_.get(), &packet));
  check_write(muxer_->pb->error);
}

void Mp4File::commit() {
  check_write(av_write_trailer(muxer_.get()));
  avio_flush(muxer_->pb);
  check_write(muxer_->pb->error);
  check_write(avio_closep(&muxer_->pb));
  sync_and_rename(temporary_, path_);
}

}  // namespace retime
