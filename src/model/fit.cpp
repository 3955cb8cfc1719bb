#include "model/fit.hpp"

#include <algorithm>
#include <chrono>

#include "model/upsample_trainer.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

constexpr double kLeastBudget_s = 1e-3;  // 0 would be no limit

// The checkpoint that a resumed fit of the layers left as it is, or the one that it ended with.
fs::path fitted_checkpoint(const RunFolder& run, const FitConfig& config, const Communicator& communicator) {
  const auto& named = config.train.resume;
  if (named != "auto" && named != "none" && read_checkpoint(named).epoch >= config.train.epochs) return named;
  return newest_checkpoint(run, communicator);
}

}  // namespace

void fit_scene(const SceneReader& scene, const FitConfig& config, const fs::path& run, const Communicator& communicator,
               const TrainHooks& hooks) {
  const auto start = std::chrono::steady_clock::now();
  Trainer(scene, config, run, communicator, hooks).run();
  if (config.upsample.epochs == 0) return;
  FitConfig rest = config;
  if (config.train.max_seconds > 0) {
    const std::chrono::duration<double> used = std::chrono::steady_clock::now() - start;
    rest.train.max_seconds = std::max(kLeastBudget_s, config.train.max_seconds - used.count());
  }
  UpsampleTrainer(scene, rest, run, fitted_checkpoint(RunFolder(run), config, communicator), communicator,
                  hooks.show_progress)
      .run();
}

}  // namespace retime
