#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "catalog/catalog_list.hpp"
#include "core/progress.hpp"

namespace retime::catalog {

enum class VideoState {
  kWaiting,
  kRunning,
  kInterrupted,  ///< saved on request, or its process is gone: the next run goes on with it
  kFailed,
  kDone,
};

/// "waiting", "running", ...
const char* state_name(VideoState state);

/// Where a video of a catalog stands; status.json of its folder.
struct VideoStatus {
  VideoState state = VideoState::kWaiting;
  std::string note;                       ///< why it failed, was interrupted or waits again: one sentence
  int attempts = 0;                       ///< times that it was started
  int exit_code = 0;                      ///< of the last attempt; 128 + the signal's number, if by one
  std::string host;                       ///< of the last attempt
  double started_s = 0;                   ///< of the last attempt, seconds since 1970; 0: never
  double ended_s = 0;                     ///< of the last attempt; 0: never, or not yet
  double seconds = 0;                     ///< that all attempts took, the one that runs included
  std::string written;                    ///< what the list said (`Entry::written`)
  std::string stamp;                      ///< of the inputs (`input_stamp`)
  std::optional<ProgressState> progress;  ///< of a running video
};

/// What the status says of the video's attempts, as status.json and `retime catalog status --json` have it.
nlohmann::json attempts_json(const VideoStatus& status);

/// The folder of a video: what `retime run` makes, status.json, log.txt, progress.json.
class VideoFolder {
 public:
  VideoFolder(const std::filesystem::path& catalog_folder, const Entry& entry)
      : path_(catalog_folder / entry.name), entry_(&entry) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path log() const { return path_ / "log.txt"; }
  std::filesystem::path progress() const { return path_ / "progress.json"; }
  std::filesystem::path overview() const { return path_ / "overview.png"; }

  /// The status as it is now: a video that is noted as running but that nobody holds is interrupted; one that is done
  /// or failed waits again when the list or its inputs have changed since.
  VideoStatus look() const;
  /// Replaces status.json. Throws Error.
  void write(const VideoStatus& status) const;

 private:
  std::filesystem::path path_;
  const Entry* entry_;
};

/// What `retime run` left in a folder, as far as it is there.
struct VideoResults {
  std::optional<double> reconstruction;  ///< loss of the fit's last epoch
  std::optional<double> identity_mean;   ///< difference of the recomposed clip from the clip, in levels of 255
  std::optional<int> identity_max;
  std::optional<int> frames;
  std::vector<std::string> objects;
  std::string size;                 ///< of the layers, "384x216"
  std::vector<std::string> videos;  ///< files of the folder, the retimed one first
};

/// Missing and damaged files leave gaps.
VideoResults read_results(const std::filesystem::path& folder);

}  // namespace retime::catalog
