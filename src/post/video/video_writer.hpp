#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "core/options.hpp"
#include "media/libav.hpp"
#include "post/video/audio_track.hpp"
#include "post/video/frame_sink.hpp"

namespace retime {

/// Settings of an H.264 encode.
struct VideoWriterOptions {
  int crf = 18;                   ///< x264's constant rate factor, 0 (lossless, few players) to 51 (worst)
  std::string preset = "medium";  ///< x264's preset, ultrafast to veryslow
  int threads = 0;                ///< of the encoder; 0: thread_limit(), or as x264 chooses
  std::optional<AudioReference> audio;

  /// Registers crf and preset.
  void add_to(OptionTable& table);
  /// Throws UsageError for a value outside its range.
  void validate() const;
};

/// Writes H.264 in MP4 (also .m4v, .mov): yuv420p, BT.709 matrix, limited range and tags to match, exact frame rate,
/// index at the front. Sound is copied, or encoded as AAC where its codec does not fit into MP4.
///
/// 4:2:0 pictures have even sizes and H.264's cropping counts in steps of two, so an odd width or height gets one
/// column or row more, a repetition of the last one.
///
/// The file grows under a hidden name beside `path` and takes its own in finish(); without that it is removed.
class VideoWriter final : public FrameSink {
 public:
  /// `size` is that of the frames to come. Throws Error if the file cannot be created or the encoder not opened.
  VideoWriter(const std::filesystem::path& path, Size size, FrameRate rate, const VideoWriterOptions& options = {});
  ~VideoWriter() override;

  void add(const Image& rgb) override;
  void finish() override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Frames as PNG if `path` ends in a slash or is a folder, as a video otherwise. `options` serve the video.
std::unique_ptr<FrameSink> make_frame_sink(const std::filesystem::path& path, Size size, FrameRate rate,
                                           const VideoWriterOptions& options = {});

/// An MP4 (or .m4v, .mov) under way: it grows under a temporary name and appears, with its index at the front, in
/// commit(). Without that it is removed.
class Mp4File {
 public:
  /// Throws Error if the name has another ending or the file cannot be created.
  explicit Mp4File(const std::filesystem::path& path);

  bool wants_global_header() const { return (muxer_->oformat->flags & AVFMT_GLOBALHEADER) != 0; }
  const std::filesystem::path& path() const { return path_; }

  /// Add streams before begin(); both return the stream's index.
  int add_video_stream(const AVCodecContext& encoder);
  int add_stream(const AVCodecParameters& parameters, AVRational time_base);

  void begin();
  /// Takes over the packet's data; times are in `time_base`. Throws Error, for example when the disk is full.
  void write(AVPacket& packet, int stream, AVRational time_base);
  void commit();

 private:
  int check_write(int result) const;

  /// The muxer with its file; the file is removed with it unless it was committed.
  struct Close {
    void operator()(AVFormatContext* muxer) const;
  };
  std::filesystem::path path_, temporary_;
  std::unique_ptr<AVFormatContext, Close> muxer_;
};

}  // namespace retime
