#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "catalog/video_status.hpp"
#include "core/folder_lock.hpp"
#include "core/process.hpp"

namespace retime::catalog {

/// How workers of one machine share it.
struct WorkerSettings {
  std::filesystem::path program;  ///< started as `PROGRAM run CLIP -o FOLDER ...`
  double stall_s = 7200;          ///< a video that shows no sign of life for so long is ended; 0: never
  double grace_s = 60;            ///< that it then gets to save, before it is killed
  int threads = 0;                ///< for OMP_NUM_THREADS (LibTorch) and RETIME_THREADS (the rest); 0: as they are
  std::string gpu;                ///< for CUDA_VISIBLE_DEVICES; empty: as it is
};

/// A video that is being worked on: its program, its lock, its status.
class Worker {
 public:
  /// Starts `retime run` for the entry and notes so in its folder. Throws Error when that cannot be written.
  Worker(const Entry& entry, const VideoFolder& folder, std::unique_ptr<FolderLock> lock,
         const WorkerSettings& settings);

  const Entry& entry() const { return entry_; }
  const VideoStatus& status() const { return status_; }
  /// Whether the program has ended; when it has, `status` says how.
  bool has_ended();
  /// Writes the status into the video's folder.
  void write_status() const { folder_.write(status_); }
  /// Passes a signal on.
  void send(int signal_number);
  /// Ends the program if it has shown no sign of life for too long.
  void end_if_stalled();

 private:
  using Clock = std::chrono::steady_clock;
  ChildCommand command() const;
  void conclude(int wait_status);
  std::string signs_of_life() const;
  std::string silence() const;

  const Entry& entry_;
  VideoFolder folder_;
  std::unique_ptr<FolderLock> lock_;
  WorkerSettings settings_;
  VideoStatus status_;
  double earlier_s_ = 0;          // of former attempts
  std::uintmax_t log_start_ = 0;  // of this attempt
  std::string signs_;
  Clock::time_point looked_ = Clock::now();
  double silent_s_ = 0;  ///< of the time that this process itself was awake; since it was asked to end, if it was
  enum class Stall { kNone, kAsked, kKilled } stall_ = Stall::kNone;
  std::unique_ptr<ChildProcess> child_;  // last: it ends before the lock is given up
};

/// The sentence of the error that a program wrote last into a log behind `start`: the last line "error ...", else the
/// last line; empty when there is none.
std::string error_sentence(const std::filesystem::path& log, std::uintmax_t start);

/// Changes to the environment after which a program knows nothing of the launcher that the catalog was started by.
std::map<std::string, std::optional<std::string>> without_launcher();

}  // namespace retime::catalog
