#include "catalog/selection.hpp"

#include <cstdlib>
#include <sstream>

#include "catalog/result_page.hpp"
#include "catalog/worker.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "core/process.hpp"

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

std::vector<std::string> split_commas(const std::string& list) {
  std::vector<std::string> words;
  std::istringstream in(list);
  for (std::string word; std::getline(in, word, ',');) words.push_back(word);
  return words;
}

std::vector<std::string> gpus_for(int jobs, const fs::path& program) {
  if (jobs == 1) return {};
  if (const char* visible = std::getenv("CUDA_VISIBLE_DEVICES")) return split_commas(visible);
  const auto answer = run_captured({program.string(), "gpus"}, without_launcher());
  if (answer.exit_code != 0)
    throw Error("`" + program.string() + " gpus` ended with " + std::to_string(answer.exit_code) +
                ", so that jobs cannot share GPUs: see its message above, or set CUDA_VISIBLE_DEVICES");
  std::vector<std::string> gpus;
  for (int i = 0; i < std::atoi(answer.output.c_str()); ++i) gpus.push_back(std::to_string(i));
  return gpus;
}

int run_entries(const Catalog& catalog, const fs::path& folder, const std::vector<int>& entries,
                const RunnerOptions& options, AskSlurm ask) {
  const bool came_to_end = Runner(catalog, folder, options).run(entries);
  const auto videos = look_at(catalog, folder, ask);
  const auto page = write_result_page(catalog, folder, videos);
  const auto chosen = lines_of(videos, entries);
  log_info(status_counts(chosen) + ": see " + page.string());
  const int code = status_exit_code(chosen);
  if (code == kExitFailure)
    log_info("`retime catalog status` tells why videos failed; `retime catalog retry` runs them again");
  return !came_to_end && code == kExitUnfinished ? static_cast<int>(kExitSaved) : code;
}

}  // namespace retime::catalog
