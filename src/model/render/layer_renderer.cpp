#include "model/render/layer_renderer.hpp"

#include <algorithm>

#include "core/activity.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/folder_lock.hpp"
#include "core/progress.hpp"
#include "core/text.hpp"
#include "dist/device.hpp"
#include "dist/stop_agreement.hpp"
#include "format/composite.hpp"
#include "format/scene_fingerprint.hpp"
#include "model/layers/composite.hpp"
#include "model/layers/detail_transfer.hpp"
#include "model/layers/frame_layers.hpp"
#include "model/layers/residual_owner.hpp"
#include "model/scene/batch.hpp"
#include "model/scene/image_tensor.hpp"
#include "model/state/model_state.hpp"
#include "ranks/rank_agreement.hpp"
#include "ranks/stop_signal.hpp"

namespace retime {
namespace {

// To be raised whenever the same checkpoint gives other layers than before, so that older blocks are not kept.
constexpr int kRendering = 4;
constexpr double kJobEndMargin_s = 60;

LayersInfo layers_info(const SceneReader& scene, const Checkpoint& checkpoint, const RenderOptions& options) {
  LayersInfo info = layers_info_of(scene, options.block_frames);
  info.has_residual = options.detail == DetailTransfer::kBeside;
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
    if (differ_by_corrections(checkpoint.scene_fingerprint, scene.fingerprint()))
      throw Error("the scene " + scene.path().string() +
                  " was corrected after the run was fitted to it: run `retime train` again, which goes on from there");
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

Image to_rgba(const torch::Tensor& color, const torch::Tensor& alpha) {
  // Pixels that nobody sees hold no colour, so that layers compress and editors show nothing odd.
  return to_image(torch::cat({color * (alpha > 0), alpha}) * 255);
}

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

FrameRenderer::FrameRenderer(const SceneReader& scene, const Checkpoint& checkpoint, const RenderOptions& options,
                             torch::Device device)
    : scene_(scene),
      model_(load_fitted_model(scene, checkpoint, device)),
      options_(options),
      device_(device),
      maps_(scene, device) {
  if (auto network = load_upsampler(checkpoint, device)) upsampler_.emplace(network, options.tile);
}

void FrameRenderer::render_block(const std::filesystem::path& file, const LayersInfo& info, int block,
                                 const std::function<void(int)>& watch) {
  const auto [first, last] = info.block_range(block);
  const SceneData data(scene_, first, last, model_->uses_mattes(), device_);
  LayersBlockWriter writer(file, info, block);
  Phase phase("rendering frame");
  for (int t = first; t < last; ++t) {
    phase.at(t);
    fault_point("rendering frame", t);
    render_frame(data, t, writer);
    watch(t + 1 - first);
  }
  writer.commit();
}

void FrameRenderer::render_frame(const SceneData& data, int frame, LayersBlockWriter& writer) {
  maps_.forget();
  FrameLayers frame_layers(model_, data, maps_, frame);
  const auto all = whole(scene_.info().full_size());
  const auto rows =
      upsampler_ ? upsampler_->upsample(frame_layers) : frame_layers.enlarged(frame_layers.full_scale(), all);
  auto slots = frame_layers.slots(rows);
  slots = torch::cat({(slots.slice(1, 0, 3) + 1) / 2, cleaned(slots.slice(1, 3, 4))}, 1);
  const auto layers = stack_layers(slots, frame_layers.batch())[0];  // back to front
  const auto background = (frame_layers.background(rows, all)[0] + 1) / 2;
  const auto image = scene_.read_full(frame);
  const auto target = channels_first(image).to(device_).to(torch::kFloat) / 255;
  const auto result = detailed_layers(options_.detail, target, background, layers);
  const auto pictures = write_layers(result.colors, result.alphas, frame, writer);
  if (options_.detail == DetailTransfer::kBeside) write_residual(image, target, result, pictures, frame, writer);
}

torch::Tensor FrameRenderer::cleaned(const torch::Tensor& alpha) const {
  return ((alpha - options_.alpha_floor) / (1 - 2 * options_.alpha_floor)).clamp(0, 1);
}

std::vector<Image> FrameRenderer::write_layers(const torch::Tensor& colors, const torch::Tensor& alphas, int frame,
                                               LayersBlockWriter& writer) {
  std::vector<Image> pictures{to_rgba(colors[0], torch::ones_like(colors[0].slice(0, 0, 1)))};
  writer.write(frame, 0, pictures.back());
  const auto& order = scene_.order()[static_cast<std::size_t>(frame)];
  for (std::size_t k = 0; k < order.size(); ++k) {
    const auto slot = static_cast<std::int64_t>(k);
    pictures.push_back(to_rgba(colors[slot + 1], alphas[slot]));
    writer.write(frame, order[k] + 1, pictures.back());
  }
  return pictures;
}

void FrameRenderer::write_residual(const Image& image, const torch::Tensor& target, const DetailedLayers& layers,
                                   const std::vector<Image>& pictures, int frame, LayersBlockWriter& writer) {
  FrameResidual residual;
  std::vector<CompositeLayer> composed;
  for (const Image& picture : pictures) composed.push_back({&picture});
  residual_of(image, composed, residual);
  const auto shown =
      over(layers.colors.slice(0, 0, 1), torch::cat({layers.colors.slice(0, 1), layers.alphas}, 1).unsqueeze(0))[0];
  residual.owner = to_image(owner_slots((target - shown) * 255, layers.alphas).unsqueeze(0));
  const auto& order = scene_.order()[static_cast<std::size_t>(frame)];
  for (auto& owner : residual.owner.pixels)
    if (owner != 0) owner = static_cast<std::uint8_t>(order[owner - 1U] + 1);
  writer.write_residual(frame, residual);
}

}  // namespace retime
