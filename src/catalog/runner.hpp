#pragma once

#include <chrono>
#include <filesystem>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "catalog/worker.hpp"
#include "core/process.hpp"

namespace retime::catalog {

struct RunnerOptions {
  WorkerSettings worker;
  int jobs = 1;                   ///< videos at a time
  std::vector<std::string> gpus;  ///< names for CUDA_VISIBLE_DEVICES, dealt out to the jobs; empty: as it is
  bool with_failed = false;       ///< take videos that failed as well
};

/// Works on videos of a catalog, each with a program of its own, so that nothing that one does stops the others.
class Runner {
 public:
  Runner(const Catalog& catalog, std::filesystem::path folder, RunnerOptions options);

  /// Runs the entries (by index) that are neither done nor, unless asked for, failed, nor held by another process.
  /// SIGTERM, SIGUSR2 and SIGINT are passed on to the running programs, which save; then no other is started. Returns
  /// false after such a signal. A video whose folder cannot be written is told of and left out. Throws Error when the
  /// catalog's folder cannot be made.
  bool run(const std::vector<int>& entries);

 private:
  void take(const Entry& entry);
  void start(const Entry& entry, const VideoFolder& folder, std::unique_ptr<FolderLock> lock);
  void refuse(const Entry& entry, const VideoFolder& folder, const std::string& sentence);
  void collect();
  void tell_progress();
  int free_slot() const;

  const Catalog& catalog_;
  std::filesystem::path folder_;
  RunnerOptions options_;
  SignalInbox inbox_;
  std::list<int> pending_;
  std::map<int, std::unique_ptr<Worker>> workers_;  // by slot
  bool stopping_ = false;
  std::chrono::steady_clock::time_point told_ = std::chrono::steady_clock::now();
};

}  // namespace retime::catalog
