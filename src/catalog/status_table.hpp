#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "catalog/video_status.hpp"

namespace retime::catalog {

/// A video and where it stands.
struct VideoLine {
  const Entry* entry = nullptr;
  VideoStatus status;
  std::string queued;  ///< "job 12_3 PENDING"; empty: Slurm knows nothing of it
};

enum class AskSlurm { kNo, kYes };

/// All videos of a catalog as they are now.
std::vector<VideoLine> look_at(const Catalog& catalog, const std::filesystem::path& folder, AskSlurm ask);

/// A table for people, and "3 videos: 1 done, 2 waiting".
std::string status_table(const std::vector<VideoLine>& videos);
std::string status_counts(const std::vector<VideoLine>& videos);

/// The same for programs: a JSON array of objects.
std::string status_json(const std::vector<VideoLine>& videos);

/// Exit code that tells where these videos stand: 0 all are done, 1 some failed and nothing else is left, 3 some wait
/// or run, 75 some were interrupted and go on when run again.
int status_exit_code(const std::vector<VideoLine>& videos);

inline constexpr int kExitUnfinished = 3;

}  // namespace retime::catalog
