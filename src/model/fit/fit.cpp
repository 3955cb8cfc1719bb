#include "model/fit/fit.hpp"

#include <cstdio>
#include <iomanip>
#include <sstream>
#include <utility>

#include "core/activity.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "dist/device.hpp"
#include "model/scene/frame_stream.hpp"
#include "model/state/model_state.hpp"
#include "model/step/fit_ranks.hpp"
#include "ranks/rank_agreement.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

constexpr std::int64_t kMebibyte = 1 << 20;

double mebibytes(std::size_t bytes) { return static_cast<double>(bytes) / static_cast<double>(kMebibyte); }

std::int64_t parameter_count(const torch::nn::Module& module) {
  std::int64_t count = 0;
  for (const auto& parameter : module.parameters()) count += parameter.numel();
  return count;
}

PreviewWriter preview_writer(FitSession& session) {
  if (!session.hooks().write_preview || !session.is_root()) return {};
  return [&session](int epoch, const Image& rgb) {
    char stem[32];
    std::snprintf(stem, sizeof stem, "epoch_%06d", epoch);
    session.hooks().write_preview(session.run().previews() / stem, rgb);
  };
}

fs::path fit_layers(const SceneReader& scene, const FitConfig& config, FitSession& session) {
  LayerFit fit(scene, config, session);
  fit.run();
  return fit.checkpoint();
}

}  // namespace

LayerFit::LayerFit(const SceneReader& scene, const FitConfig& config, FitSession& session)
    : scene_(scene),
      session_(session),
      task_(scene, config, session.ranks(), preview_writer(session)),
      loop_(task_, task_.config().train, session),
      resumed_(session.resume_file(task_.config().train)) {
  const Phase phase("loading", Patience::kLong);
  const auto& communicator = session.ranks().communicator;
  if (!resumed_.empty()) {
    const auto checkpoint = read_same_checkpoint(resumed_, communicator);
    run_on_all_ranks(communicator, [&] { loop_.resume(checkpoint, resumed_); });
  }
  first_step_ = loop_.at().step;
  run_on_root(communicator,
              [&] { session.take_over_folder(task_.config().train, loop_.at(), scene.path(), task_.config().text()); });
  if (resumed_.empty() || task_.is_corrected()) task_.observe_clip();
  describe();
}

std::int64_t LayerFit::resident_bytes() const { return data().resident_bytes(); }

void LayerFit::describe() const {
  const auto& ranks = session_.ranks();
  const int first = data().first_frame(), count = data().frame_count();
  report_job(ranks.communicator, ranks.device,
             count > 0 ? "frames " + std::to_string(first) + " to " + std::to_string(first + count - 1) : "no frames");
  const auto bytes = ranks.communicator.all_reduce(resident_bytes(), Reduction::kMax);
  std::ostringstream text;
  text << scene_.info().frame_count << " frames of " << scene_.info().size.width << "x" << scene_.info().size.height
       << ", " << scene_.info().object_count() << " objects, at most " << (bytes + kMebibyte - 1) / kMebibyte
       << " MiB of them a rank; " << parameter_count(*model()) << " parameters; global batch of "
       << task_.plan().sampler.strata() << " frames";
  if (const auto* stream = data().stream())
    text << std::fixed << std::setprecision(1) << "; this rank's frames and maps take " << mebibytes(data().bytes())
         << " MiB and are streamed within " << mebibytes(stream->budget()) << " MiB";
  log_info(text.str());
}

// Whoever made steps has saved the last of them.
fs::path LayerFit::checkpoint() const {
  const auto step = loop_.at().step;
  return step == first_step_ && !resumed_.empty() ? resumed_ : session_.run().checkpoints().path_of(step);
}

UpsampleFit::UpsampleFit(const SceneReader& scene, const FitConfig& config, const fs::path& checkpoint,
                         FitSession& session)
    : UpsampleFit(scene, config, checkpoint, read_same_checkpoint(checkpoint, session.ranks().communicator), session) {}

UpsampleFit::UpsampleFit(const SceneReader& scene, const FitConfig& config, const fs::path& file,
                         const Checkpoint& checkpoint, FitSession& session)
    : task_(scene, config, checkpoint, session.ranks()), loop_(task_, config.train, session) {
  const Phase phase("loading", Patience::kLong);
  const auto& communicator = session.ranks().communicator;
  if (has_upsampler(checkpoint)) run_on_all_ranks(communicator, [&] { loop_.resume(checkpoint, file); });
  run_on_root(communicator, [&] { session.run().trim_metrics(loop_.at().epoch, "upsample_epoch"); });
}

void fit_scene(const SceneReader& scene, const FitConfig& config, const fs::path& run, const Communicator& communicator,
               TrainHooks hooks) {
  const Phase phase("fitting", Patience::kLong);
  FitSession session(run, config.train, communicator, std::move(hooks));
  const auto layers = fit_layers(scene, config, session);
  if (config.upsample.epochs > 0) UpsampleFit(scene, config, layers, session).run();
  run_on_root(communicator, [&] {
    fault_point("fitted");
    session.run().note(FitState::kFitted);
  });
}

}  // namespace retime
