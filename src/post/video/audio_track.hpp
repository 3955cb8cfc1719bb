#pragma once

#include <filesystem>
#include <memory>
#include <optional>

namespace retime {

class Mp4File;

/// A stretch of a clip's sound.
struct AudioReference {
  std::filesystem::path path;
  double start_s = 0;                ///< from the clip's first video frame (first sample in a file without video)
  std::optional<double> duration_s;  ///< at most this long; always cut to the length of the output
};

/// Feeds the sound of a clip into an MP4, in step with the pictures.
class AudioTrack {
 public:
  virtual ~AudioTrack() = default;

  /// Writes the sound from where it stands up to `time_s` of the output.
  virtual void write_until(double time_s) = 0;
  /// Writes the rest; the sound ends at `end_s`, the length of the output.
  virtual void finish(double end_s) = 0;
};

/// Adds a stream for the sound to `file`, which must outlive the track: a copy of the packets where MP4 holds the
/// codec, AAC otherwise. Returns nothing, with a warning, if the clip cannot be read or has no sound.
std::unique_ptr<AudioTrack> open_audio_track(const AudioReference& reference, Mp4File& file);

}  // namespace retime
