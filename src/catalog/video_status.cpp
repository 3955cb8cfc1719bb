#include "catalog/video_status.hpp"

#include <array>
#include <chrono>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/files.hpp"
#include "core/folder_lock.hpp"

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

}  // namespace

const char* state_name(VideoState state) { return kStateNames[static_cast<std::size_t>(state)]; }

double now_s() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

std::string time_text(double seconds) {
  if (seconds <= 0) return "";
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  std::array<char, 32> text{};
  ::gmtime_r(&time, &parts);
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
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
  const json text{{"state", state_name(status.state)},
                  {"note", status.note},
                  {"attempts", status.attempts},
                  {"exit_code", status.exit_code},
                  {"host", status.host},
                  {"started", time_text(status.started_s)},
                  {"ended", time_text(status.ended_s)},
                  {"seconds", status.seconds},
                  {"name", entry_->name},
                  {"options", json::parse(status.written, nullptr, false)},
                  {"inputs", status.stamp}};
  write_text_file(path_ / "status.json", text.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

}  // namespace retime::catalog
