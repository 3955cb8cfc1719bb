#include "model/layer_renderer.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "core/progress.hpp"
#include "dist/device.hpp"
#include "model/batch.hpp"
#include "model/composite.hpp"
#include "model/detail_transfer.hpp"
#include "model/model_state.hpp"
#include "model/trainer.hpp"

namespace F = torch::nn::functional;

namespace retime {
namespace {

constexpr int kStatisticsFrames = 64;
// To be raised whenever the same checkpoint gives other layers than before, so that older blocks are not kept.
constexpr int kRendering = 2;

torch::Tensor double_size(const torch::Tensor& nchw) {
  return F::interpolate(nchw, F::InterpolateFuncOptions()
                                  .size(std::vector<std::int64_t>{2 * nchw.size(2), 2 * nchw.size(3)})
                                  .mode(torch::kBilinear)
                                  .align_corners(false));
}

// Straight colours of transparent pixels mean nothing: they are interpolated premultiplied.
torch::Tensor double_size_rgba(const torch::Tensor& rgba) {
  const auto alpha = rgba.slice(1, 3, 4);
  const auto up = double_size(torch::cat({(rgba.slice(1, 0, 3) + 1) / 2 * alpha, alpha}, 1));
  const auto up_alpha = up.slice(1, 3, 4);
  return torch::cat({up.slice(1, 0, 3) / up_alpha.clamp_min(1e-4) * 2 - 1, up_alpha}, 1);
}

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
  FrameRenderer(const SceneReader& scene, LayeredModel model, const RenderOptions& options, torch::Device device)
      : scene_(scene),
        model_(std::move(model)),
        options_(options),
        device_(device),
        corrects_mattes_(model_->options().layer_output == "correction") {}

  // Batch norms render with statistics of the finished weights, taken over frames of the whole clip.
  void estimate_statistics() {
    if (model_->options().norm != "batch" && model_->options().norm != "sync_batch") return;
    for (const auto& module : model_->modules())
      if (auto* norm = module->as<NormImpl>()) norm->restart_statistics();
    model_->train();
    const int count = scene_.info().frame_count, used = std::min(count, kStatisticsFrames);
    for (int i = 0; i < used; ++i) {
      const int t = static_cast<int>(static_cast<std::int64_t>(i) * count / used);
      const SceneData data(scene_, t, t + 1, corrects_mattes_, device_);
      const auto batch = make_batch(data, {t}, {}, model_->options().skip_absent);
      if (!batch.padded || !model_->has_plate())
        model_->forward(batch, false);  // else the frame has no layer to render
    }
    model_->eval();
  }

  void render_block(const std::filesystem::path& file, const LayersInfo& info, int block) {
    const auto [first, last] = info.block_range(block);
    const SceneData data(scene_, first, last, corrects_mattes_, device_);
    LayersBlockWriter writer(file, info, block);
    for (int t = first; t < last; ++t) render_frame(data, t, writer);
    writer.commit();
  }

 private:
  void render_frame(const SceneData& data, int frame, LayersBlockWriter& writer) {
    const auto batch = make_batch(data, {frame}, {}, model_->options().skip_absent);
    const auto output = model_->forward(batch, false);
    auto slots = full_slots(output, batch, frame);
    slots = torch::cat({(slots.slice(1, 0, 3) + 1) / 2, cleaned(slots.slice(1, 3, 4))}, 1);
    const auto layers = stack_layers(slots, batch)[0];  // back to front
    const auto background = (full_background(output, batch)[0] + 1) / 2;
    const auto result = options_.detail
                            ? transfer_detail(to_chw(scene_.read_full(frame), device_), background, layers)
                            : DetailedLayers{quantize(torch::cat({background.unsqueeze(0), layers.slice(1, 0, 3)})),
                                             quantize(layers.slice(1, 3, 4))};
    write_layers(result.colors, result.alphas, frame, writer);
  }

  torch::Tensor full_slots(const LayerOutput& output, const Batch& batch, int frame) const {
    if (!corrects_mattes_) return double_size_rgba(output.slots);
    return activate_layers(double_size(output.logits), full_mattes(batch, frame));
  }

  torch::Tensor full_mattes(const Batch& batch, int frame) const {
    std::vector<torch::Tensor> mattes;
    const auto objects = batch.slot_object.cpu();
    const auto real = batch.slot_weight.cpu();
    const auto [width, height] = scene_.info().full_size();
    for (std::int64_t s = 0; s < objects.size(0); ++s) {
      Image rgba({width, height}, 4);
      if (real[s].item<float>() > 0)
        scene_.read_matte(static_cast<int>(objects[s].item<std::int64_t>()), frame, 1, rgba.pixels);
      mattes.push_back(to_chw(rgba, device_));
    }
    return torch::stack(mattes);
  }

  torch::Tensor full_background(const LayerOutput& output, const Batch& batch) const {
    if (!model_->has_plate()) return double_size(output.background);
    return lit_plate(model_->plate(), batch);
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
  bool corrects_mattes_;
};

LayersInfo layers_info(const SceneReader& scene, const Checkpoint& checkpoint, const RenderOptions& options) {
  LayersInfo info;
  info.size = scene.info().full_size();
  info.fps = scene.info().fps;
  info.frame_count = scene.info().frame_count;
  info.block_frames = options.block_frames;
  info.names = {"background"};
  info.names.insert(info.names.end(), scene.info().objects.begin(), scene.info().objects.end());
  for (auto order : scene.order()) {
    for (auto& object : order) ++object;
    info.order.push_back(std::move(order));
  }
  info.source = scene.info().source;
  const auto config = std::hash<std::string>{}(checkpoint.config);
  info.fingerprint = scene.fingerprint() + "-" + std::to_string(kRendering) + "-" + std::to_string(checkpoint.step) +
                     "-" + std::to_string(config) + "-" + std::to_string(options.alpha_floor) +
                     (options.detail ? "-detail" : "");
  return info;
}

LayeredModel load_model(const SceneReader& scene, const Checkpoint& checkpoint, torch::Device device) {
  const auto config = FitConfig::from_text(checkpoint.config);
  LayeredModel model(config.model, model_scene(scene, config.model), nullptr);
  load_module(*model, checkpoint);
  model->to(device);
  model->eval();
  return model;
}

}  // namespace

void RenderOptions::add_to(OptionTable& table) {
  const std::string section = "render";
  table.add(section, "block-frames", block_frames, "frames in a block file of layers.h5");
  table.add(section, "alpha-floor", alpha_floor, "alphas closer than this to 0 or 1 become 0 or 1");
  table.add(section, "detail", detail, "hand what the layers miss of the frames to the layers");
}

void RenderOptions::validate() const {
  if (block_frames < 1) throw UsageError("block-frames must be at least 1: see --help");
  if (alpha_floor < 0 || alpha_floor >= 0.5) throw UsageError("alpha-floor must be from 0 to below 0.5: see --help");
}

RenderReport render_layers(const RunFolder& run, const std::filesystem::path& layers_file, const RenderOptions& options,
                           const std::string& device_name, const Communicator& communicator) {
  const torch::NoGradGuard guard;
  const SceneReader scene(options.scene.empty() ? run.scene() : std::filesystem::path(options.scene));
  const auto file = newest_checkpoint(run, communicator);
  if (file.empty()) throw Error(run.path().string() + " holds no valid checkpoint: run `retime train` first");
  const auto checkpoint = read_checkpoint(file);
  if (checkpoint.scene_fingerprint != scene.fingerprint())
    throw Error("the run was fitted to another scene than " + scene.path().string() + ": name its scene with --scene");
  const auto device = choose_device(device_name, communicator);
  const auto info = layers_info(scene, checkpoint, options);
  check_writable(layers_file);
  make_folder(layers_folder(layers_file));

  FrameRenderer renderer(scene, load_model(scene, checkpoint, device), options, device);
  renderer.estimate_statistics();
  RenderReport report;
  Progress progress("render", "frames", info.frame_count, options.show_progress && communicator.is_root());
  for (int block = 0; block < info.block_count(); ++block) {
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
  if (communicator.is_root()) write_layers_index(layers_file, info);
  communicator.barrier();
  return report;
}

}  // namespace retime
