#include "catalog/selection.hpp"

#include "core/error.hpp"

namespace fs = std::filesystem;

namespace retime::catalog {

std::vector<int> failed_entries(const Catalog& catalog, const fs::path& folder) {
  std::vector<int> entries;
  for (const auto& entry : catalog.entries) {
    const auto status = VideoFolder(folder, entry).look();
    const bool mended = status.state == VideoState::kWaiting && status.exit_code != kExitOk;
    if (status.state == VideoState::kFailed || mended) entries.push_back(entry.index);
  }
  return entries;
}

std::vector<int> entries_to_submit(const Catalog& catalog, const fs::path& folder) {
  std::vector<int> entries;
  for (const auto& video : look_at(catalog, folder, AskSlurm::kYes))
    if (video.status.state != VideoState::kDone && video.status.state != VideoState::kRunning && video.queued.empty())
      entries.push_back(video.entry->index);
  return entries;
}

std::vector<VideoLine> lines_of(const std::vector<VideoLine>& videos, const std::vector<int>& entries) {
  std::vector<VideoLine> chosen;
  for (const int i : entries) chosen.push_back(videos[static_cast<std::size_t>(i)]);
  return chosen;
}

}  // namespace retime::catalog
