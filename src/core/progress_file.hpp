#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace retime {

/// How far a stage is, for programs that watch this one.
struct ProgressState {
  std::string stage, unit;
  std::int64_t done = 0, total = 0;  ///< total 0: not known
  double left_s = -1;                ///< seconds to the end of the stage when it was written; negative: not known
  double written_s = 0;              ///< seconds since 1970

  /// Seconds that are left now; negative: not known.
  double left_now_s() const;
};

/// "train 12/60 epochs".
std::string progress_text(const ProgressState& state);

/// Writes the state into the file that the environment variable RETIME_PROGRESS_FILE names, if any: the start
/// and the end of a stage at once, what lies between once a second at most.
void publish_progress(const ProgressState& state) noexcept;

/// Replaces the file in one step. Failures are silent: nobody's work stops because it cannot be watched.
void write_progress_file(const std::filesystem::path& path, ProgressState state) noexcept;

/// Nothing when the file is missing or damaged.
std::optional<ProgressState> read_progress_file(const std::filesystem::path& path);

}  // namespace retime
