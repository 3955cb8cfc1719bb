#include "post/video/video_writer.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/files.hpp"
#include "post/video/frame_encoder.hpp"

namespace retime {

using namespace libav;

namespace {

const std::vector<std::string> kPresets = {"ultrafast", "superfast", "veryfast", "faster",  "fast",
                                           "medium",    "slow",      "slower",   "veryslow"};

void check_input(Size size, FrameRate rate, const std::string& what) {
  if (size.width < 2 || size.height < 2)
    throw Error(what + " (frames of " + size_text(size) + "): give frames of at least 2x2 pixels");
  if (rate.num <= 0 || rate.den <= 0)
    throw Error(fmt::format("{} (frame rate {}/{}): give a positive frame rate", what, rate.num, rate.den));
}

const char* muxer_name(const std::filesystem::path& path) {
  const std::string ending = path.extension().string();
  if (ending == ".mp4" || ending == ".m4v") return "mp4";
  if (ending == ".mov") return "mov";
  throw Error("cannot write " + path.string() + " (the ending '" + ending +
              "' is not known): use .mp4, .m4v or .mov, or a name ending in / for a folder of PNG frames");
}

}  // namespace

void VideoWriterOptions::add_to(OptionTable& table) {
  const std::string section = "compose";
  table.add(section, "crf", crf, "quality of H.264, 0 (lossless) to 51; lower is better");
  table.add(section, "preset", preset, "x264's preset, ultrafast to veryslow");
}

void VideoWriterOptions::validate() const {
  if (crf < 0 || crf > 51) throw UsageError(fmt::format("crf {} is not in 0..51: 18 looks lossless", crf));
  if (std::find(kPresets.begin(), kPresets.end(), preset) == kPresets.end())
    throw UsageError("unknown x264 preset '" + preset + "'" + suggestion(preset, kPresets) +
                     ": use ultrafast to veryslow, for example medium");
}

struct VideoWriter::Impl {
  Impl(const std::filesystem::path& path, Size frame_size, FrameRate frame_rate, const VideoWriterOptions& options)
      : what("cannot write the video " + path.string()),
        size(frame_size),
        rate(frame_rate),
        file(path),
        encoder(frame_size, frame_rate, options, file.wants_global_header(), what),
        video_stream(file.add_video_stream(encoder.codec())) {
    if (options.audio) audio = open_audio_track(*options.audio, file);
    file.begin();
  }

  void write_video(AVPacket& packet) { file.write(packet, video_stream, encoder.codec().time_base); }
  double time_s() const { return encoder.frames() / rate.value(); }

  std::string what;
  Size size;
  FrameRate rate;
  Mp4File file;
  FrameEncoder encoder;
  int video_stream;
  std::unique_ptr<AudioTrack> audio;
};

VideoWriter::VideoWriter(const std::filesystem::path& path, Size size, FrameRate rate,
                         const VideoWriterOptions& options) {
  options.validate();
  check_input(size, rate, "cannot write the video " + path.string());
  if (size.width % 2 != 0 || size.height % 2 != 0)
    spdlog::info("{}: the odd size {} is padded to even by repeating the last column or row", path.string(),
                 size_text(size));
  libav::quiet_libav();
  impl_ = std::make_unique<Impl>(path, size, rate, options);
}

VideoWriter::~VideoWriter() = default;

void VideoWriter::add(const Image& rgb) {
  Impl& w = *impl_;
  if (rgb.size != w.size || rgb.channels != 3)
    throw Error(fmt::format("{} (frame {} is {} with {} channels, the video {} RGB): give frames of the video's size",
                            w.what, w.encoder.frames(), size_text(rgb.size), rgb.channels, size_text(w.size)));
  w.encoder.encode(rgb, [&](AVPacket& packet) { w.write_video(packet); });
  if (w.audio) w.audio->write_until(w.time_s());
}

void VideoWriter::finish() {
  Impl& w = *impl_;
  if (w.encoder.frames() == 0) throw Error(w.what + " (it has no frames): ask for at least one frame");
  w.encoder.flush([&](AVPacket& packet) { w.write_video(packet); });
  if (w.audio) w.audio->finish(w.time_s());
  w.file.commit();
}

std::unique_ptr<FrameSink> make_frame_sink(const std::filesystem::path& path, Size size, FrameRate rate,
                                           const VideoWriterOptions& options) {
  if (!path.has_filename() || std::filesystem::is_directory(path)) return std::make_unique<PngFolderWriter>(path);
  return std::make_unique<VideoWriter>(path, size, rate, options);
}

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
