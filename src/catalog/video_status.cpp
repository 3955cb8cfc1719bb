#include "catalog/video_status.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/files.hpp"
#include "core/folder_lock.hpp"
#include "core/text.hpp"

namespace fs = std::filesystem;
using nlohmann::json;

namespace retime::catalog {
namespace {

constexpr std::array kStateNames{"waiting", "running", "interrupted", "failed", "done"};

double seconds_of(const std::string& text) {
  std::tm time{};
  return ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &time) ? static_cast<double>(::timegm(&time)) : 0;
}

VideoState state_of(const std::string& name) {
  for (std::size_t i = 0; i < kStateNames.size(); ++i)
    if (name == kStateNames[i]) return static_cast<VideoState>(i);
  return VideoState::kInterrupted;
}

VideoStatus from_json(const json& text) {
  VideoStatus status;
  status.state = state_of(text.at("state"));
  status.note = text.at("note");
  status.attempts = text.at("attempts");
  status.exit_code = text.at("exit_code");
  status.host = text.at("host");
  status.started_s = seconds_of(text.at("started"));
  status.ended_s = seconds_of(text.at("ended"));
  status.seconds = text.at("seconds");
  status.written = text.at("options").dump();
  status.stamp = text.at("inputs");
  return status;
}

VideoStatus read_status(const fs::path& file) {
  std::ifstream in(file);
  if (!in) return {};
  try {
    return from_json(json::parse(in));
  } catch (const json::exception&) {
    VideoStatus status;
    status.state = VideoState::kInterrupted;
    status.note = "status.json is damaged: the video is taken up again";
    return status;
  }
}

template <class T>
std::optional<T> value_of(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  return found->get<T>();
}

void read_summary(const fs::path& file, VideoResults& results) {
  std::ifstream in(file);
  const json summary = in ? json::parse(in, nullptr, false) : json();
  if (!summary.is_object()) return;
  results.identity_mean = value_of<double>(summary, "identity_mean");
  results.identity_max = value_of<int>(summary, "identity_max");
  results.frames = value_of<int>(summary, "frames");
  if (const auto size = summary.find("size"); size != summary.end() && size->is_string()) results.size = *size;
  for (const auto& object : summary.value("objects", json::array()))
    if (object.is_string()) results.objects.push_back(object);
}

void read_metrics(const fs::path& file, VideoResults& results) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const json entry = json::parse(line, nullptr, false);
    if (!entry.is_object()) continue;
    if (const auto loss = value_of<double>(entry, "reconstruction")) results.reconstruction = loss;
  }
}

int rank_of(const std::string& name) {
  if (name == "retimed.mp4") return 0;
  if (name == "reconstruction.mp4") return 1;
  return name == "background.mp4" ? 2 : 3;
}

std::vector<std::string> videos_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const auto name = entry.path().filename().string();
    if (entry.path().extension() == ".mp4" && !name.starts_with(".")) names.push_back(name);
  }
  std::sort(names.begin(), names.end(),
            [](const auto& a, const auto& b) { return std::pair(rank_of(a), a) < std::pair(rank_of(b), b); });
  return names;
}

}  // namespace

const char* state_name(VideoState state) { return kStateNames[static_cast<std::size_t>(state)]; }

json attempts_json(const VideoStatus& status) {
  return {{"state", state_name(status.state)}, {"note", status.note},      {"attempts", status.attempts},
          {"exit_code", status.exit_code},     {"host", status.host},      {"started", utc_text(status.started_s)},
          {"ended", utc_text(status.ended_s)}, {"seconds", status.seconds}};
}

VideoStatus VideoFolder::look() const {
  std::error_code ignored;
  auto status = read_status(path_ / "status.json");
  const auto waits_again = [&](const char* why) {
    status.state = VideoState::kWaiting;
    status.note = why;
  };
  if (status.state == VideoState::kRunning) {
    if (is_folder_locked(path_)) {
      status.progress = read_progress_file(progress());
      status.seconds += std::max(0.0, now_s() - status.started_s);
    } else {
      status.state = VideoState::kInterrupted;
      status.note = "its process is gone (killed, or the machine went down)";
    }
  } else if (status.state == VideoState::kDone || status.state == VideoState::kFailed) {
    if (status.written != entry_->written || status.stamp != input_stamp(*entry_))
      waits_again("its line of the list or its files have changed");
    else if (status.state == VideoState::kDone && !fs::exists(overview(), ignored))
      waits_again("its results were removed");
  }
  return status;
}

void VideoFolder::write(const VideoStatus& status) const {
  json text = attempts_json(status);
  text.update(
      {{"name", entry_->name}, {"options", json::parse(status.written, nullptr, false)}, {"inputs", status.stamp}});
  write_text_file(path_ / "status.json", text.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

VideoResults read_results(const fs::path& folder) {
  VideoResults results;
  read_summary(folder / "summary.json", results);
  read_metrics(folder / "run" / "metrics.jsonl", results);
  results.videos = videos_in(folder);
  return results;
}

}  // namespace retime::catalog
