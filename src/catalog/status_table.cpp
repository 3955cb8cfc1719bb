#include "catalog/status_table.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "catalog/slurm_jobs.hpp"
#include "core/error.hpp"
#include "core/progress.hpp"
#include "core/text.hpp"

namespace fs = std::filesystem;
using nlohmann::json;

namespace retime::catalog {
namespace {

using Cells = std::array<std::string, 6>;

// Characters, not bytes, of UTF-8.
std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

Cells cells_of(const VideoLine& video) {
  const auto& status = video.status;
  Cells cells{video.entry->name, state_name(status.state), "", "", "", one_line(status.note)};
  if (status.progress) {
    cells[2] = progress_text(*status.progress);
    const double left_s = status.progress->left_now_s();
    if (left_s >= 0) cells[3] = format_duration(left_s);
  }
  if (status.seconds > 0) cells[4] = format_duration(status.seconds);
  if (status.state == VideoState::kRunning) cells[5] = "on " + status.host;
  if (!video.queued.empty()) cells[5] += (cells[5].empty() ? "" : "; ") + video.queued;
  return cells;
}

json json_of(const VideoLine& video) {
  const auto& status = video.status;
  json object = attempts_json(status);
  object.update({{"name", video.entry->name},
                 {"index", video.entry->index},
                 {"line", video.entry->line},
                 {"clip", video.entry->clip.string()},
                 {"queued", video.queued}});
  if (status.progress)
    object["progress"] = {{"stage", status.progress->stage},
                          {"done", status.progress->done},
                          {"total", status.progress->total},
                          {"unit", status.progress->unit},
                          {"left_s", status.progress->left_now_s()}};
  return object;
}

}  // namespace

std::vector<VideoLine> look_at(const Catalog& catalog, const fs::path& folder, AskSlurm ask) {
  const auto queued = ask == AskSlurm::kYes ? queued_videos(folder) : std::map<std::string, std::string>{};
  std::vector<VideoLine> videos;
  for (const auto& entry : catalog.entries) {
    const auto job = queued.find(entry.name);
    videos.push_back({&entry, VideoFolder(folder, entry).look(), job == queued.end() ? "" : job->second});
  }
  return videos;
}

std::string status_table(const std::vector<VideoLine>& videos) {
  std::vector<Cells> rows{{"video", "state", "progress", "left", "time", "note"}};
  for (const auto& video : videos) rows.push_back(cells_of(video));
  std::array<std::size_t, 6> widths{};
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], printed_width(row[i]));
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      if (widths[i] > 0) line += row[i] + std::string(widths[i] - printed_width(row[i]) + 2, ' ');
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::string status_counts(const std::vector<VideoLine>& videos) {
  std::string text = fmt::format("{} {}: ", videos.size(), videos.size() == 1 ? "video" : "videos"), comma;
  for (const auto state :
       {VideoState::kDone, VideoState::kRunning, VideoState::kInterrupted, VideoState::kWaiting, VideoState::kFailed}) {
    const auto count =
        std::count_if(videos.begin(), videos.end(), [&](const auto& video) { return video.status.state == state; });
    if (count == 0) continue;
    text += fmt::format("{}{} {}", comma, count, state_name(state));
    comma = ", ";
  }
  return text;
}

std::string status_json(const std::vector<VideoLine>& videos) {
  json array = json::array();
  for (const auto& video : videos) array.push_back(json_of(video));
  return array.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

int status_exit_code(const std::vector<VideoLine>& videos) {
  const auto any = [&](VideoState state) {
    return std::any_of(videos.begin(), videos.end(), [&](const auto& video) { return video.status.state == state; });
  };
  if (any(VideoState::kInterrupted)) return kExitSaved;
  if (any(VideoState::kWaiting) || any(VideoState::kRunning)) return kExitUnfinished;
  return any(VideoState::kFailed) ? kExitFailure : kExitOk;
}

}  // namespace retime::catalog
