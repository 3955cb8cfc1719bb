#include "model/fit/fit_task.hpp"

#include <utility>

#include "core/activity.hpp"
#include "core/files.hpp"
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

void FitSession::finish_saves() {
  const Phase phase("saving", Patience::kLong);
  // No rank goes on, or says that all is saved, before it is.
  run_on_root(ranks_.communicator, [&] { writer_.finish(); });
}

}  // namespace retime
