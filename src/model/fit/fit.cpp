#include "model/fit/fit.hpp"

#include "core/activity.hpp"
#include "model/fit/upsample_trainer.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

// The checkpoint that a resumed fit of the layers left as it is, or the one that it ended with.
fs::path fitted_checkpoint(const RunFolder& run, const FitConfig& config, const Communicator& communicator) {
  const auto& named = config.train.resume;
  if (named != "auto" && named != "none" && read_checkpoint(named).epoch >= config.train.epochs) return named;
  return newest_checkpoint(run, communicator);
}

}  // namespace

void fit_scene(const SceneReader& scene, const FitConfig& config, const fs::path& run, const Communicator& communicator,
               TrainHooks hooks) {
  const Phase phase("fitting", Patience::kLong);
  std::unique_ptr<StopSignal> own_stop;
  if (!hooks.stop) own_stop = std::make_unique<StopSignal>(config.train.stop_limits());
  if (!hooks.stop) hooks.stop = own_stop.get();
  Trainer(scene, config, run, communicator, hooks).run();
  if (config.upsample.epochs == 0) return;
  UpsampleTrainer(scene, config, run, fitted_checkpoint(RunFolder(run), config, communicator), communicator,
                  hooks.show_progress, hooks.stop)
      .run();
}

}  // namespace retime
