#include "model/baseline/nonlayered_fit.hpp"

#include <torch/nn/functional/upsampling.h>
#include <torch/nn/functional/vision.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <utility>

#include "core/error.hpp"
#include "dist/device.hpp"
#include "model/fit/fit_loop.hpp"
#include "model/layers/composite.hpp"
#include "model/net/autocast.hpp"
#include "model/scene/batch.hpp"
#include "model/scene/image_tensor.hpp"
#include "model/scene/sampler.hpp"
#include "model/state/model_state.hpp"

namespace F = torch::nn::functional;

namespace retime {
namespace {

torch::Tensor body_of(const torch::Tensor& iuv) { return (iuv.slice(1, 0, 1) > 0).to(torch::kFloat); }

// Takes x and y from a rectangle [left, right] x [top, bottom] to [-1, 1].
torch::Tensor unit_from(const std::array<double, 4>& bounds) {
  const auto& [left, right, top, bottom] = bounds;
  const double x = 2 / (right - left), y = 2 / (bottom - top);
  return torch::tensor({x, 0.0, -left * x - 1, 0.0, y, -top * y - 1, 0.0, 0.0, 1.0}, torch::kDouble).view({3, 3});
}

torch::Tensor unit_from_pixels(Size size) { return unit_from({-0.5, size.width - 0.5, -0.5, size.height - 0.5}); }

// Points [B, H, W, 2] under homographies [B, 3, 3].
torch::Tensor projected(const torch::Tensor& grid, const torch::Tensor& matrices) {
  const auto points = torch::cat({grid, torch::ones_like(grid.slice(-1, 0, 1))}, -1).flatten(1, 2);
  const auto images = torch::bmm(points, matrices.transpose(1, 2));
  return (images.slice(-1, 0, 2) / images.slice(-1, 2, 3)).view_as(grid);
}

NonlayeredModel seeded_model(const SceneReader& scene, ModelOptions options, int seed, torch::Device device) {
  options.background = BackgroundKind::kNeural;
  torch::manual_seed(static_cast<std::uint64_t>(seed));
  NonlayeredModel model(options, model_scene(scene, options));
  move_module(*model, device);
  return model;
}

// Mean absolute error over the frames that count.
torch::Tensor frame_error(const torch::Tensor& pictures, const Batch& batch) {
  const auto error = (pictures - batch.frames).abs().mean({1, 2, 3});
  return (error * batch.frame_weight).sum() / batch.frame_weight.sum();
}

class NonlayeredTask final : public FitTask {
 public:
  NonlayeredTask(NonlayeredModel model, const SceneData& data, const TrainOptions& options, double max_seconds,
                 const FitWatch& watch)
      : model_(std::move(model)), data_(data), options_(options), max_seconds_(max_seconds), watch_(watch) {}

  const FitProgress& progress() const { return progress_; }

  FitPlan plan() const override {
    const auto seed = static_cast<std::uint64_t>(options_.seed);
    return {"baseline step",
            "fit",
            "",
            "--batch-frames",
            options_.epochs,
            data_.frame_count(),
            BatchSampler(data_.frame_count(), options_.batch_frames, seed),
            {"error"}};
  }
  torch::nn::Module& module() override { return *model_; }

  bool is_over(int epoch) const override {
    return epoch >= options_.epochs || (max_seconds_ > 0 && progress_.seconds >= max_seconds_);
  }
  // The rate falls with the epochs, or faster with the time.
  double learning_rate(std::int64_t step, int epoch) const override {
    const double share = max_seconds_ > 0 ? progress_.seconds / max_seconds_ : 0;
    return options_.learning_rate_at(step, std::max(epoch, static_cast<int>(share * options_.decay_epochs)));
  }
  void begin_epoch(int /*epoch*/, const std::vector<int>& coming) override {
    model_->train();
    data_.expect(coming);
  }
  StepLoss loss(const StepFrames& frames, int epoch) override;
  EpochReport end_epoch(const EpochEnd& end) override;
  void after_epoch(int /*epoch*/) override {
    if (watch_) watch_(progress_);
  }

 private:
  NonlayeredModel model_;
  const SceneData& data_;
  const TrainOptions& options_;
  double max_seconds_;
  const FitWatch& watch_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  FitProgress progress_;
};

StepLoss NonlayeredTask::loss(const StepFrames& frames, int epoch) {
  std::vector<Augmentation> augmentations;
  for (const int frame : frames.now)
    augmentations.push_back(
        augmentation_of(options_.augmentation, static_cast<std::uint64_t>(options_.seed), epoch, std::max(frame, 0)));
  const auto batch = make_batch(data_, frames.now, augmentations, true);
  const auto error = frame_error(model_->forward(batch, options_.bf16), batch);
  return {error, error.detach().view({1})};
}

EpochReport NonlayeredTask::end_epoch(const EpochEnd& end) {
  const double mean = end.sums.item<double>() / static_cast<double>(end.at.epoch_step);
  if (!std::isfinite(mean))
    throw Error("the error is not finite in epoch " + std::to_string(end.at.epoch + 1) +
                " (the fit diverged): lower --learning-rate");
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  progress_ = {end.at.epoch + 1, seconds, mean};
  char note[40];
  std::snprintf(note, sizeof note, "error %.4f", mean);
  return {{}, note};
}

}  // namespace

torch::Tensor moved_map(const torch::Tensor& map, const Homography& source_from_frame) {
  const auto unit = unit_from_pixels({static_cast<int>(map.size(3)), static_cast<int>(map.size(2))});
  const auto pixels = torch::from_blob(const_cast<double*>(source_from_frame.data()), {3, 3}, torch::kDouble);
  const auto matrix = torch::matmul(torch::matmul(unit, pixels), torch::linalg_inv(unit)).unsqueeze(0);
  const auto theta = torch::eye(2, 3, map.options()).unsqueeze(0);
  const auto grid = F::affine_grid(theta, {1, 1, map.size(2), map.size(3)}, /*align_corners=*/false);
  return F::grid_sample(map, projected(grid, matrix.to(map.options())),
                        F::GridSampleFuncOptions().mode(torch::kNearest).align_corners(false));
}

torch::Tensor visible_share(const Batch& batch) {
  const auto clear = 1 - stack_layers(body_of(batch.iuv), batch);  // [B, N, 1, H, W]
  const auto nearer = torch::cat({clear.slice(1, 1), torch::ones_like(clear.slice(1, 0, 1))}, 1);
  const auto visible = nearer.flip(1).cumprod(1).flip(1).flatten(0, 1);
  return torch::cat({visible, torch::zeros_like(visible.slice(0, 0, 1))}).index_select(0, batch.slot_place);
}

NonlayeredModelImpl::NonlayeredModelImpl(const ModelOptions& options, const ModelScene& scene) : options_(options) {
  const int channels = options.texture_channels;
  unit_from_plane_ = register_buffer("unit_from_plane", unit_from(scene.bounds));
  pixels_from_unit_ = register_buffer("pixels_from_unit", torch::linalg_inv(unit_from_pixels(scene.size)));
  textures_ = register_module("textures", ObjectTextures(scene.objects, scene.parts, channels, options.texture_size));
  background_texture_ = register_module("background", BackgroundTexture(channels, options.background_texture_size));
  renderer_ = register_module("renderer", UNet(options, channels + (options.object_id ? 1 : 0), 3, nullptr));
}

void NonlayeredModelImpl::set_background_colors(const torch::Tensor& picture) {
  const torch::NoGradGuard guard;
  auto texture = background_texture_->named_parameters()["texture"];
  const auto channels = std::min<std::int64_t>(3, texture.size(1));
  const auto colors = torch::adaptive_avg_pool2d(picture, {texture.size(2), texture.size(3)});
  texture.slice(1, 0, channels).copy_(colors.slice(1, 0, channels));
}

// Texture, object number if the renderer is told, and body: [S, C + 1, H, W].
torch::Tensor NonlayeredModelImpl::object_texels(const torch::Tensor& object, const torch::Tensor& iuv) {
  const auto body = body_of(iuv);
  std::vector<torch::Tensor> channels{textures_->sample(object, iuv)};
  if (options_.object_id) channels.push_back(body * (object + 1).view({-1, 1, 1, 1}));
  channels.push_back(body);
  return torch::cat(channels, 1);
}

torch::Tensor NonlayeredModelImpl::background_texels(const Batch& batch) {
  auto grid = batch.grid;
  if (batch.plane_from_frame.defined()) {
    const auto plane = batch.plane_from_frame.to(torch::kDouble);
    const auto matrices = torch::matmul(torch::matmul(unit_from_plane_, plane), pixels_from_unit_);
    grid = projected(grid, matrices.to(grid.options()));
  }
  const auto texels = background_texture_->sample(grid);
  return options_.object_id ? torch::cat({texels, torch::zeros_like(texels.slice(1, 0, 1))}, 1) : texels;
}

torch::Tensor NonlayeredModelImpl::run_renderer(const torch::Tensor& texels, const torch::Tensor& row_weight,
                                                bool bf16) {
  const Autocast autocast(bf16, texels.device().type());
  return renderer_(texels.contiguous(torch::MemoryFormat::ChannelsLast), row_weight).to(torch::kFloat).tanh();
}

torch::Tensor NonlayeredModelImpl::forward(const Batch& batch, bool bf16) {
  const auto layers = stack_layers(object_texels(batch.slot_object, batch.iuv), batch);
  const auto row_weight = batch.padded ? batch.frame_weight : torch::Tensor();
  return run_renderer(over(background_texels(batch), layers), row_weight, bf16);
}

torch::Tensor NonlayeredModelImpl::render(const Batch& frame, const PlacedObjects& objects) {
  auto texels = background_texels(frame);
  if (objects.object.size(0) > 0) {
    auto layers = object_texels(objects.object, objects.iuv);
    layers.slice(1, -1) *= objects.opacity.view({-1, 1, 1, 1});
    texels = over(texels, layers.unsqueeze(0));
  }
  return run_renderer(texels, {}, false);
}

torch::Tensor map_in_view(const SceneData& data, const CameraPath& camera, const ObjectInstance& instance, int frame) {
  const auto map =
      data.gather({instance.frame}, {{0, instance.object}}).maps.iuv.permute({0, 3, 1, 2}).to(torch::kFloat);
  if (camera.frame_from_plane.empty() || instance.frame == frame) return map;
  const auto homography = [&](int t) { return camera.frame_from_plane.at(static_cast<std::size_t>(t)); };
  return moved_map(map, product(homography(instance.frame), inverse(homography(frame))));
}

NonlayeredFit::NonlayeredFit(const SceneReader& scene, const FitConfig& config)
    : scene_(scene),
      config_(config),
      device_(choose_device(config.train.device, {})),
      data_(scene, 0, scene.info().frame_count, /*with_mattes=*/false, device_,
            cache_budget(config.train.cache_gib, device_)),
      model_(seeded_model(scene, config.model, config.train.seed, device_)) {
  if (scene.info().has_camera) camera_ = scene.read_camera();
  if (config.model.observed_textures) observe_textures();
}

// Colours of the plate, and of what is surely an object's own body and not behind another, over the whole clip.
void NonlayeredFit::observe_textures() {
  const torch::NoGradGuard guard;
  auto sums = model_->textures()->empty_sums();
  std::vector<int> frames(static_cast<std::size_t>(data_.frame_count()));
  std::iota(frames.begin(), frames.end(), 0);
  data_.expect(frames);
  for (const int t : frames) {
    const auto batch = make_batch(data_, {t}, {}, true);
    const auto weight = (batch.trimap > 0.75) * visible_share(batch) * batch.slot_weight.view({-1, 1, 1, 1});
    model_->textures()->splat(sums, batch.slot_object, batch.iuv, batch.frames.index_select(0, batch.slot_frame),
                              weight);
  }
  model_->textures()->set_colors(sums);
  if (scene_.info().has_plate) model_->set_background_colors(read_plate_tensor(scene_));
}

FitProgress NonlayeredFit::run(double max_seconds, const FitWatch& watch, bool shows_progress) {
  NonlayeredTask task(model_, data_, config_.train, max_seconds, watch);
  FitLoop(task, config_.train, FitRanks(device_), shows_progress).run();
  estimate_statistics(*model_, config_.model, data_.frame_count(),
                      [&](int frame) { model_->forward(make_batch(data_, {frame}, {}, true), false); });
  return task.progress();
}

Image NonlayeredFit::render(int frame, const std::vector<ObjectInstance>& instances) {
  const torch::NoGradGuard guard;
  std::vector<torch::Tensor> maps{torch::empty({0, 3, data_.size().height, data_.size().width}, device_)};
  std::vector<std::int64_t> objects;
  std::vector<float> opacities;
  for (const auto& instance : instances) {
    maps.push_back(map_in_view(data_, camera_, instance, frame));
    objects.push_back(instance.object);
    opacities.push_back(static_cast<float>(instance.opacity));
  }
  const auto iuv = torch::cat(maps);
  const PlacedObjects placed{torch::tensor(objects, torch::kLong).to(device_),
                             torch::cat({iuv.slice(1, 0, 1), iuv.slice(1, 1) / 255}, 1),
                             torch::tensor(opacities).to(device_)};
  const auto picture = model_->render(make_batch(data_, {frame}, {}, true), placed);
  const auto [width, height] = scene_.info().full_size();
  const auto large = F::interpolate(picture, F::InterpolateFuncOptions()
                                                 .size(std::vector<std::int64_t>{height, width})
                                                 .mode(torch::kBilinear)
                                                 .align_corners(false));
  return to_image((large[0] + 1) * 127.5);
}

}  // namespace retime
