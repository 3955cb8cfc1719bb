#include "model/render/layer_renderer.hpp"

#include <algorithm>
#include <optional>

#include "core/activity.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/folder_lock.hpp"
#include "core/log.hpp"
#include "core/progress.hpp"
#include "core/stable_hash.hpp"
#include "dist/device.hpp"
#include "dist/job_report.hpp"
#include "dist/stop_agreement.hpp"
#include "model/render/frame_renderer.hpp"
#include "ranks/rank_agreement.hpp"
#include "ranks/stop_signal.hpp"

namespace retime {
namespace {

// To be raised whenever the same checkpoint gives other layers than before, so that older blocks are not kept.
constexpr int kRendering = 3;
constexpr double kJobEndMargin_s = 60;

LayersInfo layers_info(const SceneReader& scene, const Checkpoint& checkpoint, const RenderOptions& options) {
  LayersInfo info = layers_info_of(scene, options.block_frames);
  const auto config = stable_hash(checkpoint.config);
  info.fingerprint = scene.fingerprint() + "-" + std::to_string(kRendering) + "-" + std::to_string(checkpoint.step) +
                     "-" + std::to_string(config) + "-" + std::to_string(options.alpha_floor) + "-" +
                     word_of(kDetailTransfers, options.detail);
  return info;
}

SceneReader open_scene(const RunFolder& run, const RenderOptions& options, const Communicator& communicator) {
  std::optional<SceneReader> scene;
  run_on_all_ranks(communicator,
                   [&] { scene.emplace(options.scene.empty() ? run.scene() : std::filesystem::path(options.scene)); });
  return std::move(*scene);
}

Checkpoint fit_of(const SceneReader& scene, const RunFolder& run, const Communicator& communicator) {
  const auto file = newest_checkpoint(run, communicator);
  if (file.empty()) throw AgreedError(run.path().string() + " holds no valid checkpoint: run `retime train` first");
  Checkpoint checkpoint;
  run_on_all_ranks(communicator, [&] {
    checkpoint = read_checkpoint(file);
    if (checkpoint.scene_fingerprint != scene.fingerprint())
      throw Error("the run was fitted to another scene than " + scene.path().string() +
                  ": name its scene with --scene");
  });
  return checkpoint;
}

// This rank's blocks, every `size`-th one. All ranks leave it before the same round of blocks when any is asked to
// stop; the report is this rank's.
class BlockRounds {
 public:
  BlockRounds(FrameRenderer& renderer, const std::filesystem::path& layers_file, const LayersInfo& info,
              const Communicator& communicator, bool show_progress)
      : renderer_(renderer),
        file_(layers_file),
        info_(info),
        communicator_(communicator),
        progress_("render", "frames", info.frame_count, show_progress && communicator.is_root()) {}

  RenderReport run(StopSignal& stop) {
    StopAgreement agreement(stop, communicator_);
    for (int first = 0; first < info_.block_count() && !agreement.reached(); first += communicator_.size())
      run_round(first);
    return report_;
  }

 private:
  // Of the frames of a round this rank knows how far its own are, and takes the others to be as far.
  void run_round(int first) {
    const int last = std::min(first + communicator_.size(), info_.block_count()), block = first + communicator_.rank();
    const int begin = info_.block_range(first).first, frames = info_.block_range(last - 1).second - begin;
    if (block >= last) return;
    if (has_layers_block(file_, info_, block, BlockCheck::kData)) {
      ++report_.blocks_kept;
      progress_.keep(frames);
      return;
    }
    const auto [own_begin, own_end] = info_.block_range(block);
    const int own_frames = own_end - own_begin;
    renderer_.render_block(file_, info_, block,
                           [&](int done) { progress_.update(begin + done * frames / own_frames); });
    ++report_.blocks_made;
  }

  FrameRenderer& renderer_;
  const std::filesystem::path file_;
  const LayersInfo& info_;
  const Communicator& communicator_;
  Progress progress_;
  RenderReport report_;
};

}  // namespace

RenderReport render_layers(const RunFolder& run, const std::filesystem::path& layers_file, const RenderOptions& options,
                           const Communicator& communicator) {
  const torch::NoGradGuard guard;
  const Phase phase("loading the fit", Patience::kLong);
  StopSignal stop({.job_end_margin_s = kJobEndMargin_s});
  const SceneReader scene = open_scene(run, options, communicator);
  const auto checkpoint = fit_of(scene, run, communicator);
  std::optional<OutputLock> lock;
  run_on_all_ranks(communicator, [&] {
    check_writable(layers_file);
    make_folder(layers_folder(layers_file));
    if (communicator.is_root()) lock.emplace(layers_file);
  });
  const auto device = choose_device(options.device, communicator);
  report_job(communicator, device, "");
  const auto info = layers_info(scene, checkpoint, options);
  FrameRenderer renderer(scene, checkpoint, options, device);
  auto report = BlockRounds(renderer, layers_file, info, communicator, options.show_progress).run(stop);
  report.blocks_made = communicator.all_reduce(report.blocks_made, Reduction::kSum);
  report.blocks_kept = communicator.all_reduce(report.blocks_kept, Reduction::kSum);
  if (const int complete = report.blocks_made + report.blocks_kept; complete < info.block_count())
    throw AgreedStop("stopped by " + stop.reason() + " with " + std::to_string(complete) + " of " +
                     std::to_string(info.block_count()) + " blocks rendered: run the same command again to go on");
  run_on_root(communicator, [&] { write_layers_index(layers_file, info); });
  return report;
}

}  // namespace retime
