#include "catalog/worker.hpp"

#include <spdlog/fmt/fmt.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <fstream>

#include "core/error.hpp"
#include "core/progress.hpp"
#include "core/text.hpp"

namespace fs = std::filesystem;

namespace retime::catalog {
namespace {

constexpr double kMostBetweenLooks_s = 1.5;  // longer, and this process itself was stopped or starved
constexpr const char* kAllowMore = ", or allow more with --stall-minutes";

std::uintmax_t size_of(const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  return error ? 0 : size;
}

// Signals that ask a program to end: the video is taken up again.
bool is_request(int signal_number) {
  return signal_number == SIGTERM || signal_number == SIGINT || signal_number == SIGUSR2 || signal_number == SIGHUP;
}

std::string signal_sentence(int signal_number) {
  if (signal_number == SIGKILL)
    return "was killed (signal 9), most often because memory ran out: use a smaller size or fewer jobs at a time";
  return fmt::format("crashed (signal {}, {}): see its log.txt", signal_number, ::strsignal(signal_number));
}

void append(const fs::path& file, const std::string& line) {
  std::ofstream out(file, std::ios::app);
  out << line << '\n';
  if (!out.flush()) throw Error("cannot write " + file.string() + ": check the folder and its free space");
}

}  // namespace

std::map<std::string, std::optional<std::string>> without_launcher() {
  std::map<std::string, std::optional<std::string>> environment;
  for (char** entry = environ; *entry; ++entry) {
    const std::string text = *entry, name = text.substr(0, text.find('='));
    for (const char* prefix : {"OMPI_COMM_WORLD_", "OMPI_UNIVERSE_", "PMIX_", "PMI_", "SLURM_STEP_NUM_TASKS"})
      if (name.starts_with(prefix)) environment[name] = std::nullopt;
  }
  return environment;
}

std::string error_sentence(const fs::path& log, std::uintmax_t start) {
  std::ifstream in(log, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(start));
  std::string error, last;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("error ")) error = line.substr(6);
    if (!line.empty()) last = line;
  }
  if (error.starts_with("[rank ")) error = error.substr(std::min(error.size(), error.find(']') + 2));
  return error.empty() ? last : error;
}

Worker::Worker(const Entry& entry, const VideoFolder& folder, std::unique_ptr<FolderLock> lock,
               const WorkerSettings& settings)
    : entry_(entry), folder_(folder), lock_(std::move(lock)), settings_(settings), status_(folder.look()) {
  earlier_s_ = status_.seconds;
  status_.state = VideoState::kRunning;
  status_.note.clear();
  status_.exit_code = 0;
  ++status_.attempts;
  status_.host = host_name();
  status_.started_s = now_s();
  status_.ended_s = 0;
  status_.written = entry.written;
  status_.stamp = input_stamp(entry);
  std::error_code ignored;
  fs::remove(folder_.progress(), ignored);
  append(folder_.log(),
         fmt::format("== attempt {}, {}, {}", status_.attempts, utc_text(status_.started_s), status_.host));
  log_start_ = size_of(folder_.log());
  write_status();
  child_ = std::make_unique<ChildProcess>(command());
}

ChildCommand Worker::command() const {
  ChildCommand command{{settings_.program.string(), "run", entry_.clip.string(), "--output=" + folder_.path().string()},
                       without_launcher(),
                       folder_.log(),
                       {lock_->descriptor()}};
  for (const auto& [name, value] : entry_.options) command.arguments.push_back("--" + name + "=" + value);
  command.environment["RETIME_PROGRESS_FILE"] = folder_.progress().string();
  if (settings_.threads > 0)
    for (const char* name : {"OMP_NUM_THREADS", "RETIME_THREADS"})
      command.environment[name] = std::to_string(settings_.threads);
  if (!settings_.gpu.empty()) command.environment["CUDA_VISIBLE_DEVICES"] = settings_.gpu;
  return command;
}

void Worker::send(int signal_number) { child_->send(signal_number); }

bool Worker::has_ended() {
  const auto wait_status = child_->poll();
  if (!wait_status) return false;
  conclude(*wait_status);
  return true;
}

void Worker::conclude(int wait_status) {
  const int signal_number = WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0;
  status_.exit_code = signal_number ? 128 + signal_number : WEXITSTATUS(wait_status);
  status_.ended_s = now_s();
  status_.seconds = earlier_s_ + std::max(0.0, status_.ended_s - status_.started_s);
  status_.state = VideoState::kFailed;
  if (status_.exit_code == kExitOk) {
    status_.state = VideoState::kDone;
  } else if (status_.exit_code == kExitSaved || (is_request(signal_number) && stall_ == Stall::kNone)) {
    status_.state = VideoState::kInterrupted;
    status_.note = signal_number ? "stopped, goes on from what was saved" : "stopped, everything is saved";
    if (stall_ != Stall::kNone) status_.note = silence() + " and was stopped, everything is saved" + kAllowMore;
  } else if (stall_ != Stall::kNone) {
    status_.note = silence() + " and was ended: see its log.txt" + kAllowMore;
  } else if (signal_number) {
    status_.note = signal_sentence(signal_number);
  } else {
    status_.note = error_sentence(folder_.log(), log_start_);
    if (status_.note.empty()) status_.note = fmt::format("ended with exit code {}", status_.exit_code);
  }
}

std::string Worker::silence() const { return "showed no sign of life for " + format_duration(settings_.stall_s); }

// Times of the files that a run writes all the time.
std::string Worker::signs_of_life() const {
  std::string signs;
  for (const auto& file : {folder_.log(), folder_.progress(), folder_.path() / "run" / "metrics.jsonl",
                           folder_.path() / "layers", folder_.path() / "scene.h5", folder_.path()}) {
    std::error_code error;
    const auto time = fs::last_write_time(file, error);
    if (!error) signs += fmt::format("{},", time.time_since_epoch().count());
  }
  return signs;
}

void Worker::end_if_stalled() {
  if (settings_.stall_s <= 0) return;
  const auto now = Clock::now();
  silent_s_ += std::min(std::chrono::duration<double>(now - looked_).count(), kMostBetweenLooks_s);
  looked_ = now;
  if (auto signs = signs_of_life(); signs != signs_ && stall_ == Stall::kNone) {
    signs_ = std::move(signs);
    silent_s_ = 0;
  } else if (stall_ == Stall::kNone && silent_s_ > settings_.stall_s) {
    stall_ = Stall::kAsked;
    silent_s_ = 0;
    send(SIGTERM);
  } else if (stall_ == Stall::kAsked && silent_s_ > settings_.grace_s) {
    stall_ = Stall::kKilled;
    send(SIGKILL);
  }
}

}  // namespace retime::catalog
