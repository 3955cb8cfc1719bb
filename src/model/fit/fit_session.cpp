#include "model/fit/fit_session.hpp"

#include <utility>

#include "core/activity.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "ranks/rank_agreement.hpp"

namespace retime {

FitSession::FitSession(const std::filesystem::path& folder, const TrainOptions& options,
                       const Communicator& communicator, TrainHooks hooks)
    : ranks_(communicator, options.device),
      hooks_(std::move(hooks)),
      own_stop_(hooks_.stop ? nullptr : std::make_unique<StopSignal>(options.stop_limits())),
      run_(folder),
      writer_(run_.checkpoints()) {
  const Phase phase("loading", Patience::kLong);
  run_on_root(communicator, [&] {
    make_folder(run_.path());
    lock_ = std::make_unique<FolderLock>(run_.path());
  });
}

std::filesystem::path FitSession::resume_file(const TrainOptions& options) {
  const Phase phase("loading", Patience::kLong);
  if (options.resume_from() == ResumeFrom::kNothing) return {};
  if (options.resume_from() == ResumeFrom::kFile) return options.resume;
  const auto file = newest_checkpoint(run_, ranks_.communicator);
  if (file.empty()) run_on_root(ranks_.communicator, [&] { run_.require_no_checkpoints(); });
  return file;
}

void FitSession::take_over_folder(const TrainOptions& options, const FitPosition& at,
                                  const std::filesystem::path& scene, const std::string& config) {
  const auto resume = options.resume_from();
  if (resume == ResumeFrom::kNothing)
    if (const int count = run_.checkpoints().clear())
      log_info("starting anew: " + std::to_string(count) + " earlier checkpoint(s) of " + run_.path().string() +
               " removed");
  run_.checkpoints().remove_leftovers();
  if (resume == ResumeFrom::kNewest) run_.checkpoints().set_aside_above(at.step, "damaged");
  run_.create(scene, config);
  run_.trim_metrics(at.epoch);
}

void FitSession::finish_saves() {
  const Phase phase("saving", Patience::kLong);
  // No rank goes on, or says that all is saved, before it is.
  run_on_root(ranks_.communicator, [&] { writer_.finish(); });
}

}  // namespace retime
