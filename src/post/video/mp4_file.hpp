#pragma once

#include <filesystem>
#include <string>

#include "media/libav.hpp"

namespace retime {

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
