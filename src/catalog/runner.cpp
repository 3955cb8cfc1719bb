#include "catalog/runner.hpp"

#include <spdlog/fmt/fmt.h>

#include <csignal>
#include <thread>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/folder_lock.hpp"
#include "core/log.hpp"
#include "core/progress.hpp"
#include "core/text.hpp"

namespace fs = std::filesystem;

namespace retime::catalog {
namespace {

constexpr double kLook_s = 1;   // between looks at the running programs, unless one ends
constexpr double kTell_s = 30;  // between lines that tell how far they are

// Who looks at a status holds the lock for a moment: that is no reason to leave a video out.
std::unique_ptr<FolderLock> try_to_lock(const fs::path& folder) {
  make_folder(folder);
  for (int tries = 0; tries < 20; ++tries) {
    if (tries > 0) std::this_thread::sleep_for(std::chrono::milliseconds(25));
    if (!is_folder_locked(folder)) try {
        return std::make_unique<FolderLock>(folder);
      } catch (const Error&) {
        if (!is_folder_locked(folder)) throw;
      }
  }
  return nullptr;
}

void tell_end(const Entry& entry, const VideoStatus& status) {
  const std::string text = entry.name + ": " + state_name(status.state) + " after " +
                           format_duration(status.ended_s - status.started_s) +
                           (status.note.empty() ? "" : ": " + status.note);
  status.state == VideoState::kFailed ? log_error(text) : log_info(text);
}

}  // namespace

Runner::Runner(const Catalog& catalog, fs::path folder, RunnerOptions options)
    : catalog_(catalog), folder_(fs::absolute(folder).lexically_normal()), options_(std::move(options)) {
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  if (options_.jobs > 1 && !std::getenv("OMP_NUM_THREADS"))
    options_.worker.threads = std::max(1, cores / options_.jobs);
}

bool Runner::run(const std::vector<int>& entries) {
  make_folder(folder_);
  pending_.assign(entries.begin(), entries.end());
  while (true) {
    while (!stopping_ && !pending_.empty() && workers_.size() < static_cast<std::size_t>(options_.jobs)) {
      const auto& entry = catalog_.entries[static_cast<std::size_t>(pending_.front())];
      pending_.pop_front();
      try {
        take(entry);
      } catch (const std::exception& error) {  // Its folder cannot be used; others may.
        log_warn(entry.name + ": " + error.what());
      }
    }
    if (workers_.empty()) return !stopping_;
    const int number = inbox_.wait(kLook_s);
    if (number != 0 && number != SIGCHLD) {
      if (!stopping_) log_info("stopping: the running videos save what they have");
      stopping_ = true;
      for (auto& [slot, worker] : workers_) worker->send(number);
    }
    collect();
    tell_progress();
  }
}

void Runner::take(const Entry& entry) {
  const VideoFolder folder(folder_, entry);
  auto lock = try_to_lock(folder.path());
  if (!lock) {
    log_info(entry.name + ": another process works on it");
    return;
  }
  const auto state = folder.look().state;  // Now that nobody else can change it.
  if (state == VideoState::kDone || (state == VideoState::kFailed && !options_.with_failed)) return;
  if (const auto sentence = missing_input(catalog_, entry); !sentence.empty())
    refuse(entry, folder, sentence);
  else
    start(entry, folder, std::move(lock));
}

void Runner::start(const Entry& entry, const VideoFolder& folder, std::unique_ptr<FolderLock> lock) {
  auto settings = options_.worker;
  const int slot = free_slot();
  if (!options_.gpus.empty()) settings.gpu = options_.gpus[static_cast<std::size_t>(slot) % options_.gpus.size()];
  auto worker = std::make_unique<Worker>(entry, folder, std::move(lock), settings);
  log_info(fmt::format("{}: {} ({} of {})", entry.name, worker->status().attempts > 1 ? "goes on" : "starts",
                       entry.index + 1, catalog_.entries.size()));
  workers_[slot] = std::move(worker);
}

// Without its inputs a video fails before anything is started.
void Runner::refuse(const Entry& entry, const VideoFolder& folder, const std::string& sentence) {
  auto status = folder.look();
  status.state = VideoState::kFailed;
  status.note = sentence;
  status.started_s = status.ended_s = now_s();
  ++status.attempts;
  status.exit_code = kExitFailure;
  status.written = entry.written;
  status.stamp = input_stamp(entry);
  folder.write(status);
  tell_end(entry, status);
}

void Runner::collect() {
  for (auto at = workers_.begin(); at != workers_.end();) {
    auto& worker = *at->second;
    bool ended = true;
    try {
      worker.end_if_stalled();
      ended = worker.has_ended();
      if (ended) {
        tell_end(worker.entry(), worker.status());
        worker.write_status();
      }
    } catch (const std::exception& error) {  // Its folder cannot be written any more: it counts as interrupted.
      log_warn(worker.entry().name + ": " + error.what());
    }
    at = ended ? workers_.erase(at) : std::next(at);
  }
}

void Runner::tell_progress() {
  const auto now = std::chrono::steady_clock::now();
  if (std::chrono::duration<double>(now - told_).count() < kTell_s) return;
  told_ = now;
  for (const auto& [slot, worker] : workers_) {
    const auto progress = read_progress_file(VideoFolder(folder_, worker->entry()).progress());
    if (!progress) continue;
    const double left_s = progress->left_now_s();
    log_info(worker->entry().name + ": " + progress_text(*progress) +
             (left_s >= 0 ? ", " + format_duration(left_s) + " left" : ""));
  }
}

int Runner::free_slot() const {
  int slot = 0;
  while (workers_.contains(slot)) ++slot;
  return slot;
}

}  // namespace retime::catalog
