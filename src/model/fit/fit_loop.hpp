#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/progress.hpp"
#include "dist/stop_agreement.hpp"
#include "dist/torch.hpp"
#include "model/fit/fit_session.hpp"
#include "model/fit/fit_task.hpp"

namespace retime {

/// Fits a task, over all ranks: epochs, steps, saves, stops, metrics, progress. What a step draws at random is a
/// function of the seed, the epoch and the frame, so that a fit that is stopped and resumed ends bit for bit where an
/// uninterrupted one does (same device and number of ranks).
class FitLoop {
 public:
  /// In a folder. Task and session have to outlive the loop. This call is MPI collective.
  FitLoop(FitTask& task, const TrainOptions& options, FitSession& session);
  /// In memory: nothing is saved, nobody stops it.
  FitLoop(FitTask& task, const TrainOptions& options, const FitRanks& ranks, bool shows_progress);

  /// Goes on from a checkpoint of the task, the same on all ranks. Throws Error when it does not fit.
  void resume(const Checkpoint& checkpoint, const std::filesystem::path& file);
  /// Fits until the task is over. Throws AgreedStop after a checkpoint when a signal or the time budget asks for it.
  /// This call is MPI collective.
  void run();

  const FitPosition& at() const { return at_; }

 private:
  FitLoop(FitTask& task, const TrainOptions& options, const FitRanks& ranks, bool shows_progress, FitSession* session);
  /// The share of the epoch under way that is done.
  double part_of_epoch() const;
  void make_steps(Progress& progress);
  void make_step(const StepFrames& frames);
  std::string end_epoch(double seconds);
  void save();
  void stop_if_asked();

  FitTask& task_;
  const FitPlan plan_;
  const TrainOptions options_;
  const FitRanks ranks_;
  const bool shows_progress_;
  FitSession* session_;  ///< null: in memory
  TrainStep step_;
  std::optional<StopAgreement> agreement_;

  FitPosition at_;
  std::int64_t saved_step_ = -1;
  torch::Tensor sums_;      ///< [P] of this rank over the steps of the epoch, on the device
  double save_wait_s_ = 0;  ///< for which saves have held the fit up since the last line of metrics
};

}  // namespace retime
