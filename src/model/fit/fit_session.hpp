#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "core/folder_lock.hpp"
#include "format/checkpoint_writer.hpp"
#include "format/image.hpp"
#include "model/config/fit_options.hpp"
#include "model/fit/fit_task.hpp"
#include "model/state/run_folder.hpp"
#include "model/step/fit_ranks.hpp"
#include "ranks/stop_signal.hpp"

namespace retime {

/// What a program adds to a fit.
struct TrainHooks {
  std::function<void(const std::filesystem::path& stem, const Image& rgb)> write_preview;  ///< stem has no extension
  bool show_progress = true;
  StopSignal* stop = nullptr;  ///< who asks for a stop; null: a StopSignal of the session's own
};

/// What all fits of a scene in one folder share: the ranks, the folder, which rank 0 holds locked for as long as the
/// session lives, the writer of its checkpoints, and who may ask for a stop.
class FitSession {
 public:
  /// Makes the folder if need be. Throws when another process holds it. This call is MPI collective.
  FitSession(const std::filesystem::path& folder, const TrainOptions& options, const Communicator& communicator,
             TrainHooks hooks);

  const FitRanks& ranks() const { return ranks_; }
  bool is_root() const { return ranks_.communicator.is_root(); }
  bool shows_progress() const { return hooks_.show_progress && is_root(); }
  const TrainHooks& hooks() const { return hooks_; }
  RunFolder& run() { return run_; }
  CheckpointWriter& writer() { return writer_; }  ///< of rank 0
  StopSignal& stop() { return hooks_.stop ? *hooks_.stop : *own_stop_; }

  /// The checkpoint that a fit goes on from, as `options` say; empty: it begins anew. This call is MPI collective.
  std::filesystem::path resume_file(const TrainOptions& options);
  /// Readies the folder for a fit that goes on from `at`, which was restored: what an earlier fit has left is cleared
  /// or set aside, as `options` say, and the folder tells `scene` (empty: none) and `config`. For rank 0. Throws Error.
  void take_over_folder(const TrainOptions& options, const FitPosition& at, const std::filesystem::path& scene,
                        const std::string& config);

  /// Waits until what was saved is durable. Throws Error if it is not. This call is MPI collective.
  void finish_saves();

 private:
  FitRanks ranks_;
  TrainHooks hooks_;
  std::unique_ptr<StopSignal> own_stop_;
  RunFolder run_;
  std::unique_ptr<FolderLock> lock_;  ///< held by rank 0
  CheckpointWriter writer_;
};

}  // namespace retime
