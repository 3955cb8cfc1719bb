#include "model/render/layer_renderer.hpp"

#include <algorithm>
#include <optional>

#include "core/activity.hpp"
#include "core/error.hpp"
#include "core/fault_point.hpp"
#include "core/files.hpp"
#include "core/folder_lock.hpp"
#include "core/log.hpp"
#include "core/progress.hpp"
#include "core/stable_hash.hpp"
#include "dist/device.hpp"
#include "dist/job_report.hpp"
#include "dist/rank_agreement.hpp"
#include "dist/stop_signal.hpp"
#include "model/layers/detail_transfer.hpp"
#include "model/layers/frame_layers.hpp"
#include "model/layers/layer_upsampler.hpp"
#include "model/scene/batch.hpp"
#include "model/state/fitted_model.hpp"

namespace retime {
namespace {

// To be raised whenever the same checkpoint gives other layers than before, so that older blocks are not kept.
constexpr int kRendering = 3;
constexpr double kJobEndMargin_s = 60;

torch::Tensor to_chw(const Image& image, torch::Device device) {
  const auto pixels = torch::from_blob(const_cast<std::uint8_t*>(image.pixels.data()),
                                       {image.size.height, image.size.width, image.channels}, torch::kUInt8);
  return pixels.to(device).permute({2, 0, 1}).to(torch::kFloat) / 255;
}

Image to_rgba(const torch::Tensor& color, const torch::Tensor& alpha) {
  // Pixels that nobody sees hold no colour, so that layers compress and editors show nothing odd.
  const auto visible = torch::cat({color * (alpha > 0), alpha});
  const auto levels = (visible * 255).round().to(torch::kUInt8).permute({1, 2, 0}).contiguous().cpu();
  Image image({static_cast<int>(levels.size(1)), static_cast<int>(levels.size(0))}, 4);
  std::copy_n(levels.data_ptr<std::uint8_t>(), image.pixels.size(), image.pixels.begin());
  return image;
}

// Renders frames of one scene with one fitted model.
class FrameRenderer {
 public:
  FrameRenderer(const SceneReader& scene, const Checkpoint& checkpoint, const RenderOptions& options,
                torch::Device device)
      : scene_(scene),
        model_(load_fitted_model(scene, checkpoint, device)),
        options_(options),
        device_(device),
        maps_(scene, device) {
    if (auto network = load_upsampler(checkpoint, device)) upsampler_.emplace(network, options.tile);
  }

  void render_block(const std::filesystem::path& file, const LayersInfo& info, int block) {
    const auto [first, last] = info.block_range(block);
    const SceneData data(scene_, first, last, model_->uses_mattes(), device_);
    LayersBlockWriter writer(file, info, block);
    Phase phase("rendering frame");
    for (int t = first; t < last; ++t) {
      phase.at(t);
      fault_point("rendering frame", t);
      render_frame(data, t, writer);
    }
    writer.commit();
  }

 private:
  void render_frame(const SceneData& data, int frame, LayersBlockWriter& writer) {
    maps_.forget();
    FrameLayers frame_layers(model_, data, maps_, frame);
    const auto all = whole(scene_.info().full_size());
    const auto rows =
        upsampler_ ? upsampler_->upsample(frame_layers) : frame_layers.enlarged(frame_layers.full_scale(), all);
    auto slots = frame_layers.slots(rows);
    slots = torch::cat({(slots.slice(1, 0, 3) + 1) / 2, cleaned(slots.slice(1, 3, 4))}, 1);
    const auto layers = stack_layers(slots, frame_layers.batch())[0];  // back to front
    const auto background = (frame_layers.background(rows, all)[0] + 1) / 2;
    const auto result = detailed_layers(options_.detail, to_chw(scene_.read_full(frame), device_), background, layers);
    write_layers(result.colors, result.alphas, frame, writer);
  }

  torch::Tensor cleaned(const torch::Tensor& alpha) const {
    return ((alpha - options_.alpha_floor) / (1 - 2 * options_.alpha_floor)).clamp(0, 1);
  }

  void write_layers(const torch::Tensor& colors, const torch::Tensor& alphas, int frame, LayersBlockWriter& writer) {
    writer.write(frame, 0, to_rgba(colors[0], torch::ones_like(colors[0].slice(0, 0, 1))));
    const auto& order = scene_.order()[static_cast<std::size_t>(frame)];
    for (std::size_t k = 0; k < order.size(); ++k) {
      const auto alpha = alphas[static_cast<std::int64_t>(k)];
      writer.write(frame, order[k] + 1, to_rgba(colors[static_cast<std::int64_t>(k) + 1], alpha));
    }
  }

  const SceneReader& scene_;
  LayeredModel model_;
  RenderOptions options_;
  torch::Device device_;
  FullMaps maps_;
  std::optional<LayerUpsampler> upsampler_;
};

LayersInfo layers_info(const SceneReader& scene, const Checkpoint& checkpoint, const RenderOptions& options) {
  LayersInfo info = layers_info_of(scene, options.block_frames);
  const auto config = stable_hash(checkpoint.config);
  info.fingerprint = scene.fingerprint() + "-" + std::to_string(kRendering) + "-" + std::to_string(checkpoint.step) +
                     "-" + std::to_string(config) + "-" + std::to_string(options.alpha_floor) + "-" +
                     word_of(kDetailTransfers, options.detail);
  return info;
}

}  // namespace

RenderReport render_layers(const RunFolder& run, const std::filesystem::path& layers_file, const RenderOptions& options,
                           const Communicator& communicator) {
  const torch::NoGradGuard guard;
  const Phase phase("loading the fit", Patience::kLong);
  StopSignal stop({.job_end_margin_s = kJobEndMargin_s});
  std::optional<SceneReader> opened;
  run_on_all_ranks(communicator,
                   [&] { opened.emplace(options.scene.empty() ? run.scene() : std::filesystem::path(options.scene)); });
  const SceneReader& scene = *opened;
  const auto file = newest_checkpoint(run, communicator);
  if (file.empty()) throw AgreedError(run.path().string() + " holds no valid checkpoint: run `retime train` first");
  const auto checkpoint = read_checkpoint(file);
  if (checkpoint.scene_fingerprint != scene.fingerprint())
    throw AgreedError("the run was fitted to another scene than " + scene.path().string() +
                      ": name its scene with --scene");
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
  RenderReport report;
  Progress progress("render", "frames", info.frame_count, options.show_progress && communicator.is_root());
  for (int block = 0; block < info.block_count() && !stop.requested(); ++block) {
    if (block % communicator.size() == communicator.rank()) {
      if (has_layers_block(layers_file, info, block, BlockCheck::kData)) {
        ++report.blocks_kept;
      } else {
        renderer.render_block(layers_file, info, block);
        ++report.blocks_made;
      }
    }
    progress.update(info.block_range(block).second);
  }
  report.blocks_made = communicator.all_reduce(report.blocks_made, Reduction::kSum);
  report.blocks_kept = communicator.all_reduce(report.blocks_kept, Reduction::kSum);
  const int complete = report.blocks_made + report.blocks_kept;
  if (stop.requested_anywhere(communicator) && complete < info.block_count())
    throw Stopped("stopped by " + stop.reason() + " with " + std::to_string(complete) + " of " +
                  std::to_string(info.block_count()) + " blocks rendered: run the same command again to go on");
  if (communicator.is_root()) write_layers_index(layers_file, info);
  communicator.barrier();
  return report;
}

}  // namespace retime
